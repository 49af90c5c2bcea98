"""Keepclear: a deconfliction node."""

from importlib.metadata import version

__version__ = version("keepclear")
