"""The English read-back words: 256 everyday things, sorted; a word's place from 0 is the byte it stands for."""

from __future__ import annotations

from typing import Final

_ROWS: Final = (
    "alphabet amethyst anchor antelope apricot aquarium artichoke ashtray asparagus athlete atlas avocado",
    "awning azalea bagpipe balcony bamboo bathtub bedroom bicycle biscuit blanket blossom blueberry",
    "bookcase bracelet broccoli brush buffalo cabbage calendar camera cauldron caviar ceramic chalk cherry",
    "chimney chocolate cinnamon clarinet clock coconut coffee cottage cricket crocodile crystal cucumber",
    "cupboard curtain cushion cypress daffodil decanter dentist diamond dinosaur dishcloth dolphin domino",
    "doorbell dresser duckling dustpan earring eclair elevator emerald escalator espresso faucet feather",
    "fiddle flamingo folder football fountain foxglove freezer funnel furnace gallery garlic gazelle",
    "geranium giraffe glacier goldfish goose granite guitar hairbrush hallway harvest hazelnut hedgehog",
    "honey hubcap hyacinth hydrant iguana inkwell insect ivory jasmine jersey jigsaw juggler jukebox",
    "juniper kangaroo kayak ketchup kiwi knapsack lantern laptop larch laundry lavender lettuce limestone",
    "lizard lollipop lotus luggage macaroni magnolia mailbox mango mattress meadow microwave mirror mitten",
    "mollusk mosaic mousetrap muffin mushroom napkin necklace newspaper notebook nozzle nutmeg nylon",
    "oatmeal octagon olive omelet orchard oregano ostrich overcoat pancake papaya pavement peanut pebble",
    "pelican penguin perfume pigeon pillow pineapple pizza platypus popcorn porridge postcard potato prawn",
    "pretzel printer pumpkin pyramid quilt rabbit raccoon radish rainbow raspberry reindeer rhubarb rooster",
    "rosemary saffron sandal sapphire satchel saxophone scarf sculpture seagull seesaw sequin sesame",
    "shampoo skylark slipper snowman sparrow spinach sponge squirrel staircase suitcase sunflower swimmer",
    "sycamore syrup tadpole tangerine tapestry tarpaulin telescope terrace thermos thimble thread tornado",
    "toucan tractor treasure triangle trombone tulip turtle tuxedo ukulele umbrella unicorn utensil vacuum",
    "vanilla vegetable velvet veranda vinegar violin vitamin waffle walrus wardrobe wheel whistle wombat",
    "wreath xylophone yardstick yogurt zebra zookeeper zucchini",
)

ENGLISH: Final = tuple(word for row in _ROWS for word in row.split())
"""The words; part of the protocol (docs/protocol.md, 9), so none is ever changed or moved."""
