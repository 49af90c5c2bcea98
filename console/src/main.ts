import '@fontsource-variable/inter/wght.css';
import '@fontsource/ibm-plex-sans-arabic/arabic-400.css';
import '@fontsource/ibm-plex-sans-arabic/arabic-600.css';
import './app.css';
import { mount } from 'svelte';
import App from './App.svelte';

const place = document.getElementById('console');
if (!place) throw new Error('index.html has no element with the id "console"');
mount(App, { target: place });
