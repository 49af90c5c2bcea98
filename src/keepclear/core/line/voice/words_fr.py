"""The French read-back words: 256 everyday things, sorted; a word's place from 0 is the byte it stands for.

No two differ only by accents, so that a keyboard without them serves as well.
"""

from __future__ import annotations

from typing import Final

_ROWS: Final = (
    "accordéon affiche agenda agrafe aiguille album allumette ampoule aquarium araignée armoire artichaut",
    "ascenseur asperge assiette atelier aubergine autruche aviron avocat azalée bagage baignoire balcon",
    "bambou banquette barrière belette betterave beurre biberon biscuit blouson bocal bonbon bordure",
    "bottine bouteille branche brebis brique brocoli bruyère buffet buisson cadenas cahier calèche cannelle",
    "cartable casserole ceinture cerise chaussure cheval chocolat cigogne cinéma ciseau colombe commode",
    "concombre corbeille coussin crayon crevette crochet cuillère cyprès dauphin diamant dinosaure diplôme",
    "domino duvet écharpe éclair écureuil édredon élastique éléphant émeraude enclume enveloppe épinard",
    "éponge escalier espadon étagère étoile éventail évier façade faïence fauteuil fenouil ficelle fleur",
    "flûte fontaine fougère framboise frigo fromage gaufre gazelle géranium girouette glacier globe gobelet",
    "gomme grelot groseille guépard guirlande hamster haricot hibou homard horloge igloo iguane jacinthe",
    "jaguar jasmin jonquille jungle kangourou kayak kiosque kiwi klaxon koala laitue langouste laurier",
    "lavabo lentille lessive lézard libellule lièvre lilas limace litchi maillot marmite matelas médaille",
    "mélèze mésange meuble mimosa moineau montre moquette mosaïque muguet myrtille nappe nectar nénuphar",
    "noisette oignon ombrelle opéra orchidée oreiller otarie outil palourde panda papillon paquet parfum",
    "passoire peigne pélican pendule perroquet phare pinceau pirogue pistache pivoine pizza platane potiron",
    "poupée pupitre puzzle pyjama pyramide radis raisin rasoir râteau réglisse requin réveil robinet",
    "romarin roulotte ruban safran samovar sandale sardine saxophone scarabée semelle serviette sésame",
    "sifflet sirop soleil sommier sonnette sorbet spatule stylo sureau tableau tennis terrasse théière",
    "ticket tilleul timbre tiroir toboggan tondeuse tortue tournesol tracteur trèfle triangle trombone",
    "tulipe turbine tuyau ustensile valise velours vendange véranda veston vinaigre violon visière vitrine",
    "xylophone yaourt zeste zinc",
)

FRENCH: Final = tuple(word for row in _ROWS for word in row.split())
"""The words; part of the protocol (docs/protocol.md, 9), so none is ever changed or moved."""
