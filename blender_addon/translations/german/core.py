# SPDX-License-Identifier: GPL-3.0-or-later
"""Sentences and stages of the core, which the worker tells; ``{}`` stands for a value, in German with its number."""

CORE = {
    # Stages
    "cameras": "Kameras",
    "colours": "Farben",
    "densifying": "Verdichten",
    "faces": "Flächen",
    "find cameras": "Kameras finden",
    "find features": "Merkmale suchen",
    "fine stereo": "Feines Stereo",
    "fitting": "Anpassen",
    "guarding": "Absichern",
    "fetch": "Holen",
    "make masks": "Masken machen",
    "match pairs": "Paare vergleichen",
    "meshing": "Mesh bilden",
    "network": "Netz befragen",
    "read field": "Feld lesen",
    "read images": "Bilder lesen",
    "read photographs": "Fotos lesen",
    "register pictures": "Bilder einordnen",
    "sampling": "Abtasten",
    "sampling and writing": "Abtasten und schreiben",
    "silhouettes": "Umrisse",
    "stereo": "Stereo",
    "surface": "Oberfläche",
    "write files": "Dateien schreiben",
    # The trained network
    "“{}” is the only view: its distance is assumed, and the sides that it does not show are what the trained network expects. Give views from all around for what is really there.": (
        "„{0}“ ist die einzige Ansicht: Ihre Entfernung ist angenommen, und die Seiten, die sie nicht zeigt, sind, was das trainierte Netz erwartet. Ansichten von ringsum zeigen, was wirklich da ist."
    ),
    "The views are few, {}: what they leave open is what the trained network expects.": (
        "Es sind wenige Ansichten, {0}: Was sie offen lassen, ist, was das trainierte Netz erwartet."
    ),
    "“{}” is the only picture, and nothing tells its camera: one is assumed that looks {}° down at an object of one metre, with a lens {}.": (
        "„{0}“ ist das einzige Bild, und nichts nennt seine Kamera: Angenommen wird eine, die {1}° abwärts auf ein Objekt von einem Meter blickt, mit einem Objektiv {2}."
    ),
    "The network's setting {} is {}, {}.": "Die Einstellung {0} des Netzes ist {1}, {2}.",
    "Correct it.": "Sie berichtigen.",
    "A network has no setting “{}”.": "Ein Netz hat keine Einstellung „{0}“.",
    "Choose from {}.": "Wählbar: {0}.",
    "Weights of ImageNet need an encoder as wide as ResNet34 and with its normalisation.": (
        "Gewichte von ImageNet brauchen einen Encoder, so breit wie ResNet34 und mit dessen Normalisierung."
    ),
    "Set encoder_width to 64 and normalisation to “frozen”.": "encoder_width auf 64 und normalisation auf „frozen“ setzen.",
    "“{}” is no set of views.": "„{0}“ ist kein Satz von Ansichten.",
    "Delete the file and make it again.": "Die Datei löschen und neu erzeugen.",
    "“{}” can't be read, it may be cut short: {}.": "„{0}“ ist nicht lesbar, vielleicht abgeschnitten: {1}.",
    "Fetch the weights again.": "Die Gewichte noch einmal holen.",
    "“{}” holds the weights of another network: {}.": "„{0}“ enthält die Gewichte eines anderen Netzes: {1}.",
    "Take the published file of that name.": "Die veröffentlichte Datei dieses Namens nehmen.",
    "“{}” is no state dict.": "„{0}“ ist kein State Dict.",
    "Take the published file.": "Die veröffentlichte Datei nehmen.",
    "“{}” holds more than tensors, or is damaged. Nothing in it was run.": (
        "„{0}“ enthält mehr als Tensoren oder ist beschädigt. Nichts daraus wurde ausgeführt."
    ),
    "Take the published file; do not trust this one.": "Die veröffentlichte Datei nehmen; dieser nicht trauen.",
    "“{}” in “{}” has numbers that are not finite.": "„{0}“ in „{1}“ hat Zahlen, die nicht endlich sind.",
    # Cameras
    "A camera has a matrix or a number that is not finite.": "Eine Kamera hat eine Matrix oder Zahl, die nicht endlich ist.",
    "A camera is farther away than numbers can tell.": "Eine Kamera ist weiter entfernt, als Zahlen angeben können.",
    "A camera's focal length is next to nothing: it would look sideways all around.": (
        "Die Brennweite einer Kamera ist fast null: Sie würde ringsum zur Seite blicken."
    ),
    "A camera's image size and focal lengths must be above zero.": (
        "Bildgröße und Brennweiten einer Kamera müssen größer als null sein."
    ),
    "A camera's matrix has no extent.": "Die Matrix einer Kamera hat keine Ausdehnung.",
    "A camera's pose is not a rotation and a position.": "Die Lage einer Kamera ist nicht Drehung und Position.",
    "A camera's rotation is not finite or zero.": "Die Drehung einer Kamera ist nicht endlich oder null.",
    "A row of its transform_matrix has not 4 numbers.": "Eine Zeile der transform_matrix hat nicht 4 Zahlen.",
    "Add its camera.": "Seine Kamera hinzufügen.",
    "Add their cameras.": "Ihre Kameras hinzufügen.",
    "Check k1, k2, p1 and p2.": "k1, k2, p1 und p2 prüfen.",
    "Check that the cameras belong to the images, or give masks of the object.": (
        "Prüfen, ob die Kameras zu den Bildern gehören, oder Masken des Objekts angeben."
    ),
    "Check the cameras' orientation: transforms.json expects cameras that look along their −z axis.": (
        "Die Ausrichtung der Kameras prüfen: transforms.json erwartet Kameras, die entlang ihrer −z-Achse blicken."
    ),
    "Choose a file that is readable.": "Eine lesbare Datei wählen.",
    "Choose a model that is readable.": "Ein lesbares Modell wählen.",
    "Choose a transforms.json or a COLMAP model.": "Eine transforms.json oder ein COLMAP-Modell wählen.",
    "Choose a transforms.json or the folder of a COLMAP model.": (
        "Eine transforms.json oder den Ordner eines COLMAP-Modells wählen."
    ),
    "Choose a transforms.json.": "Eine transforms.json wählen.",
    "Export the cameras again.": "Die Kameras neu exportieren.",
    "Export the cameras with their intrinsics.": "Die Kameras mit ihren inneren Parametern exportieren.",
    "Export the model again.": "Das Modell neu exportieren.",
    "Give the focal length in pixels.": "Die Brennweite in Pixeln angeben.",
    "Its lens distortion leaves nothing of the picture.": "Die Verzeichnung lässt vom Bild nichts übrig.",
    "Its lens has distortion beyond k1, k2, p1, p2.": "Das Objektiv verzeichnet über k1, k2, p1, p2 hinaus.",
    "Its {} is no number.": "{0} ist keine Zahl.",
    "Its {} is not finite.": "{0} ist nicht endlich.",
    "Its {} must be between 0 and π.": "{0} muss zwischen 0 und π liegen.",
    "It has neither {} nor {}.": "Es fehlen sowohl {0} als auch {1}.",
    "It has no transform_matrix of 4 rows.": "Eine transform_matrix mit 4 Zeilen fehlt.",
    "Remove scale, shear and mirroring from the camera's matrix.": (
        "Skalierung, Scherung und Spiegelung aus der Matrix der Kamera entfernen."
    ),
    "Remove shear and mirroring from the camera's matrix.": "Scherung und Spiegelung aus der Matrix der Kamera entfernen.",
    "The cameras look away from each other: no point lies in front of most of them.": (
        "Die Kameras blicken voneinander weg: Kein Punkt liegt vor den meisten von ihnen."
    ),
    "The last row of its transform_matrix is not 0 0 0 1.": "Die letzte Zeile der transform_matrix ist nicht 0 0 0 1.",
    "The lens model {} is not supported.": "Das Objektivmodell {0} wird nicht unterstützt.",
    "the lens model {} is not supported.": "das Objektivmodell {0} wird nicht unterstützt.",
    "There are no cameras for these images: they are estimated.": (
        "Für diese Bilder gibt es keine Kameras: Sie werden geschätzt."
    ),
    "Undistort the images first.": "Die Bilder zuerst entzerren.",
    "Undistort the images with COLMAP's image_undistorter first.": (
        "Die Bilder zuerst mit COLMAPs image_undistorter entzerren."
    ),
    "Use the image that the camera belongs to, or a scaled version of it.": (
        "Das Bild verwenden, zu dem die Kamera gehört, oder eine skalierte Fassung davon."
    ),
    "Use the image that the camera belongs to.": "Das Bild verwenden, zu dem die Kamera gehört.",
    "{}: there is no camera {} in “{}”.": "{0}: In „{2}“ gibt es keine Kamera {1}.",
    "{}: “{}” was named before; its second camera is left out.": (
        "{0}: „{1}“ kam schon vor; die zweite Kamera wird weggelassen."
    ),
    "“{}” has no camera for any of the chosen images.": "„{0}“ hat für keines der gewählten Bilder eine Kamera.",
    "“{}” has no camera for “{}”.": "„{0}“ hat keine Kamera für „{1}“.",
    "“{}” has no camera for “{}”: it is left out. Add its camera.": (
        "„{0}“ hat keine Kamera für „{1}“: Es wird weggelassen. Seine Kamera hinzufügen."
    ),
    "“{}” has no frames.": "„{0}“ hat keine Bilder („frames“).",
    "“{}” has {} × {} pixels, its camera {} × {}.": "„{0}“ hat {1} × {2} Pixel, die Kamera {3} × {4}.",
    "“{}” has {} × {} pixels, its camera {} × {}. Use the image that the camera belongs to, or a scaled version "
    "of it.": (
        "„{0}“ hat {1} × {2} Pixel, die Kamera {3} × {4}. Das Bild verwenden, zu dem die Kamera gehört, oder "
        "eine skalierte Fassung davon."
    ),
    "“{}” holds no cameras.": "„{0}“ enthält keine Kameras.",
    "“{}” is not a transforms.json.": "„{0}“ ist keine transforms.json.",
    "“{}” is not valid JSON.": "„{0}“ ist kein gültiges JSON.",
    "“{}” is too large for a camera file.": "„{0}“ ist zu groß für eine Kameradatei.",
    "“{}” of COLMAP is cut short or damaged.": "„{0}“ von COLMAP ist abgeschnitten oder beschädigt.",
    "“{}” of COLMAP": "„{0}“ von COLMAP",
    "“{}” of COLMAP, “{}”": "„{0}“ von COLMAP, „{1}“",
    "“{}” of COLMAP: {}": "„{0}“ von COLMAP: {1}",
    "“{}”, frame {}": "„{0}“, Bild {1}",
    "“{}”, frame {}: it has no file_path.": "„{0}“, Bild {1}: file_path fehlt.",
    # Cameras that are estimated
    "A turntable: the background stands still in all pictures while the object turns. Masks: what moves. Masks "
    "of your own, or a plain backdrop, would be more exact.": (
        "Ein Drehteller: Der Hintergrund steht in allen Bildern still, während sich das Objekt dreht. Masken: "
        "was sich bewegt. Eigene Masken oder ein einfarbiger Hintergrund wären genauer."
    ),
    "Blurred beside the others: {}. Leave them out or take them again.": (
        "Unschärfer als die anderen: {0}. Weglassen oder neu aufnehmen."
    ),
    "COLMAP ended with: {}": "COLMAP endete mit: {0}",
    "Give at least {}, better 20 or more from all around, or give cameras.": (
        "Mindestens {0} angeben, besser 20 oder mehr von ringsum, oder Kameras angeben."
    ),
    "Install it there: pip install pycolmap. Or put a transforms.json or COLMAP's sparse/0 beside the images.": (
        "Es dort installieren: pip install pycolmap. Oder eine transforms.json oder COLMAPs sparse/0 zu den "
        "Bildern legen."
    ),
    "Left out, as they are copies: {}.": "Weggelassen, da Kopien: {0}.",
    "Left out: {}": "Weggelassen: {0}",
    "Masks: none are given, and the background is not even; all that the pictures show is used.": (
        "Masken: keine angegeben, und der Hintergrund ist nicht gleichmäßig; verwendet wird alles, was die "
        "Bilder zeigen."
    ),
    "Masks: the background is even and was keyed out.": (
        "Masken: Der Hintergrund ist gleichmäßig und wurde freigestellt."
    ),
    "Masks: those given, or alpha, in {} of {} pictures.": (
        "Masken: die angegebenen, oder Alpha, in {0} von {1} Bildern."
    ),
    "Next to nothing to recognise in {}. {}": "Fast nichts Wiedererkennbares in {0}. {1}",
    "No two of the photographs have anything in common.": "Keine zwei der Fotos haben etwas gemeinsam.",
    "Others fit together, but not with these: {}.": "Andere passen zusammen, aber nicht zu diesen: {0}.",
    "Shiny, transparent and plain surfaces show the same from everywhere: put patterned paper under the object, "
    "light it softly, or give cameras.": (
        "Glänzende, durchsichtige und einfarbige Flächen sehen von überall gleich aus: gemustertes Papier unter "
        "das Objekt legen, es weich beleuchten oder Kameras angeben."
    ),
    "Take more photographs, with more overlap.": "Mehr Fotos aufnehmen, mit mehr Überlappung.",
    "Take photographs every 10 to 15 degrees, each showing most of what the one before it showed.": (
        "Alle 10 bis 15 Grad ein Foto aufnehmen, das das meiste vom vorigen zeigt."
    ),
    "The camera that was estimated for “{}” is none: {}": "Die für „{0}“ geschätzte Kamera ist keine: {1}",
    "The cameras of these pictures were estimated before.": "Die Kameras dieser Bilder wurden schon früher geschätzt.",
    "The cameras of {} of {} pictures were estimated, to {} pixels at {}, each by {} places that it "
    "shares with others, in the median. The size is not known: the cameras stand one metre from what they look "
    "at.": (
        "Die Kameras von {0} von {1} Bildern wurden geschätzt, auf {2} Pixel bei {3}, jede aus {4} Stellen, die "
        "sie mit anderen teilt, im Median. Die Größe ist nicht "
        "bekannt: Die Kameras stehen einen Meter vor dem, worauf sie blicken."
    ),
    "The estimation of the cameras failed in COLMAP (exit code {}).": (
        "Die Schätzung der Kameras ist in COLMAP fehlgeschlagen (Rückgabewert {0})."
    ),
    "None of the photographs shows enough that can be recognised again.": (
        "Keines der Fotos zeigt genug, was wiedererkannt werden kann."
    ),
    "The photographs do not fit together: they have too little in common.": (
        "Die Fotos passen nicht zusammen: Sie haben zu wenig gemeinsam."
    ),
    "Most of the photographs show too little that can be recognised again: {}.": (
        "Die meisten Fotos zeigen zu wenig Wiedererkennbares: {0}."
    ),
    "The pictures have no cameras, and “{}” lacks pycolmap, which estimates them.": (
        "Die Bilder haben keine Kameras, und „{0}“ fehlt pycolmap, das sie schätzt."
    ),
    "The zoom was changed: most photographs have {}, but not {}. Each focal length is estimated by itself, which "
    "is less certain.": (
        "Der Zoom wurde verändert: Die meisten Fotos haben {0}, aber nicht {1}. Jede Brennweite wird für sich "
        "geschätzt, was unsicherer ist."
    ),
    "Too little overlap between {}. {}": "Zu wenig Überlappung zwischen {0}. {1}",
    "Try fewer or smaller pictures, or estimate the cameras with another program.": (
        "Weniger oder kleinere Bilder versuchen oder die Kameras mit einem anderen Programm schätzen."
    ),
    "different photographs": "verschiedene Fotos",
    "photograph": "Foto",
    "{} and {}": "{0} und {1}",
    "{} of {} photographs have a camera now; left out: {}.": (
        "{0} von {1} Fotos haben nun eine Kamera; weggelassen: {2}."
    ),
    "{} photographs are few: neighbours that differ by more than 20 degrees have little in common.": (
        "{0} Fotos sind wenig: Nachbarn, die um mehr als 20 Grad auseinanderliegen, haben wenig gemeinsam."
    ),
    "{} {} can't tell where the cameras stood.{}": "{0} {1} sagen nicht, wo die Kameras standen.{2}",
    # Images
    "Choose a folder of PNG or JPEG images.": "Einen Ordner mit PNG- oder JPEG-Bildern wählen.",
    "Choose images that exist and are readable.": "Vorhandene, lesbare Bilder wählen.",
    "Choose the folder with these images.": "Den Ordner mit diesen Bildern wählen.",
    "Copy or export it again.": "Neu kopieren oder exportieren.",
    "Copy the image again.": "Das Bild neu kopieren.",
    "Gone": "Verschwunden",
    "Left out, as there is no camera for them: {}.": "Weggelassen, da ohne Kamera: {0}.",
    "Left out, as they can't be read: {}.": "Weggelassen, da nicht lesbar: {0}.",
    "None of the images that “{}” names is in “{}”.": "Keines der Bilder, die „{0}“ nennt, ist in „{1}“.",
    "Not readable": "Nicht lesbar",
    "Of another size than most": "Von anderer Größe als die meisten",
    "Of other proportions than their cameras": "Von anderem Seitenverhältnis als ihre Kameras",
    "Put all images on one drive.": "Alle Bilder auf ein Laufwerk legen.",
    "Put it back, or leave it out.": "Es zurücklegen oder weglassen.",
    "Save it with 8 or 16 bit.": "Es mit 8 oder 16 Bit speichern.",
    "Save them as JPEG or PNG.": "Sie als JPEG oder PNG speichern.",
    "Scale it down.": "Es verkleinern.",
    "Scale the image down; if it is no such large image, do not trust the file.": (
        "Das Bild verkleinern; ist es gar nicht so groß, der Datei nicht trauen."
    ),
    "The folder “{}” can't be read: {}.": "Der Ordner „{0}“ kann nicht gelesen werden: {1}.",
    "The images in “{}” can't be read: {}.": "Die Bilder in „{0}“ können nicht gelesen werden: {1}.",
    "There are no images in “{}”.": "In „{0}“ sind keine Bilder.",
    "There are no pictures to reconstruct from.": "Es gibt keine Bilder, aus denen rekonstruiert werden kann.",
    "Add images or cameras.": "Bilder oder Kameras hinzufügen.",
    "Use PNG, JPEG, WebP, TIFF or BMP.": "PNG, JPEG, WebP, TIFF oder BMP verwenden.",
    "Without a camera": "Ohne Kamera",
    "Without a mask, which others have": "Ohne Maske, die andere haben",
    "Left out, as they are missing, of what {} names: {} of {}, {}.": (
        "Weggelassen, da sie fehlen, von dem, was {0} nennt: {1} von {2}, {3}."
    ),
    "{}: {} images, {}.": "{0}: {1} Bilder, {2}.",
    "“{}” and other images lie on different drives.": "„{0}“ und andere Bilder liegen auf verschiedenen Laufwerken.",
    "“{}” can't be read: it is cut short or damaged ({}).": (
        "„{0}“ kann nicht gelesen werden: abgeschnitten oder beschädigt ({1})."
    ),
    "“{}” can't be read: {}.": "„{0}“ kann nicht gelesen werden: {1}.",
    "“{}” claims more than {} million pixels.": "„{0}“ gibt mehr als {1} Millionen Pixel an.",
    "“{}” has {} × {} pixels, most others {} × {}. See whether it belongs to them.": (
        "„{0}“ hat {1} × {2} Pixel, die meisten anderen {3} × {4}. Prüfen, ob es dazugehört."
    ),
    "“{}” holds floating-point numbers.": "„{0}“ enthält Gleitkommazahlen.",
    "“{}” is empty (0 bytes).": "„{0}“ ist leer (0 Byte).",
    "“{}” is gone.": "„{0}“ ist verschwunden.",
    "“{}” is neither a folder nor an image.": "„{0}“ ist weder ein Ordner noch ein Bild.",
    "“{}” is not an image that can be read.": "„{0}“ ist kein lesbares Bild.",
    "“{}” needs more memory than there is.": "„{0}“ braucht mehr Speicher, als da ist.",
    # Masks
    "A mask: {}": "Eine Maske: {0}",
    "Check that masks, images and cameras belong together and that the cameras see the object.": (
        "Prüfen, ob Masken, Bilder und Kameras zusammengehören und die Kameras das Objekt sehen."
    ),
    "Check that the masks show the object and that the cameras look at it.": (
        "Prüfen, ob die Masken das Objekt zeigen und die Kameras darauf blicken."
    ),
    "Choose the folder with the masks.": "Den Ordner mit den Masken wählen.",
    "Left out, as no object is in their masks: {}.": "Weggelassen, da kein Objekt in ihren Masken ist: {0}.",
    "Left out for the same reason: {}.": "Aus demselben Grund weggelassen: {0}.",
    "“{}” is a cloud or a mesh, and what is wanted is the field that it was sampled from.": (
        "„{0}“ ist eine Punktwolke oder ein Mesh; gebraucht wird das Feld, aus dem sie abgetastet wurde."
    ),
    "Choose the .safetensors file that --field, or the add-on, has saved.": (
        "Die .safetensors-Datei wählen, die --field oder das Add-on gespeichert hat."
    ),
    "1 more": "1 weiteres",
    "{} more": "{0} weitere",
    "The mask of “{}” is black.": "Die Maske von „{0}“ ist schwarz.",
    "The mask of “{}” is missing.": "Die Maske von „{0}“ fehlt.",
    "The camera of “{}” is taken from “{}”.": "Die Kamera von „{0}“ stammt aus „{1}“.",
    "“{}” is the only view, and one view tells no depth: the cloud is its outline, drawn out along the line of "
    "sight, and not the object's shape. Give views from all around.": (
        "„{0}“ ist die einzige Ansicht, und eine Ansicht verrät keine Tiefe: Die Punktwolke ist ihr Umriss, "
        "entlang der Blickrichtung ausgezogen, und nicht die Form des Objekts. Ansichten von allen Seiten angeben."
    ),
    "Left out, as they have no mask: {}.": "Weggelassen, da ohne Maske: {0}.",
    "Make the mask the size of its image.": "Die Maske so groß machen wie ihr Bild.",
    "Make the object white or opaque in the masks, and visible in renders.": "Das Objekt in den Masken weiß oder deckend machen, und beim Rendern sichtbar.",
    "Name each mask as its image, whatever the ending.": "Jede Maske wie ihr Bild nennen, mit beliebiger Endung.",
    "No mask leaves anything out, so all that the images show is taken for the object.": (
        "Keine Maske lässt etwas weg, also gilt alles, was die Bilder zeigen, als Objekt."
    ),
    "No mask leaves anything out: the scene is reconstructed, as far as several images show it.": (
        "Keine Maske lässt etwas weg: Rekonstruiert wird die Szene, soweit mehrere Bilder sie zeigen."
    ),
    "The mask of “{}” has {} × {} pixels, the image {} × {}.": (
        "Die Maske von „{0}“ hat {1} × {2} Pixel, das Bild {3} × {4}."
    ),
    "The mask “{}” has {} × {} pixels, its image {} × {}.": "Die Maske „{0}“ hat {1} × {2} Pixel, ihr Bild {3} × {4}.",
    "The masks contradict each other in many places: what at most {} of them lack is kept, and their outlines are "
    "evened.": (
        "Die Masken widersprechen einander an vielen Stellen: Was höchstens {0} von ihnen fehlt, bleibt, und "
        "ihre Umrisse werden geglättet."
    ),
    "The masks in “{}” are used.": "Die Masken in „{0}“ werden verwendet.",
    "The masks of all {} images are black: {}.": "Die Masken aller {0} Bilder sind schwarz: {1}.",
    "The masks of all {} images are missing: {}.": "Die Masken aller {0} Bilder fehlen: {1}.",
    "The pictures have no masks, and there is next to nothing in them on which several agree.": (
        "Die Bilder haben keine Masken, und in fast nichts stimmen mehrere überein."
    ),
    "The silhouettes have no point of space in common.": "Die Umrisse haben keinen Punkt des Raums gemeinsam.",
    "There is no folder of masks “{}”.": "Den Maskenordner „{0}“ gibt es nicht.",
    "All that is seen is taken for the object, as there is no mask or a white one, in {} of {} images: {}.": (
        "Alles Sichtbare gilt als Objekt, da keine oder eine weiße Maske da ist, in {0} von {1} Bildern: {2}."
    ),
    "Masks strewn with single wrong pixels, and filtered: {} of {}.": (
        "Masken, die mit einzelnen falschen Pixeln übersät waren und gefiltert wurden: {0} von {1}."
    ),
    "“{}” has no mask, though others have one. Add one called as the image.": (
        "„{0}“ hat keine Maske, obwohl andere eine haben. Eine hinzufügen, die wie das Bild heißt."
    ),
    "“{}” is given as its own mask.": "„{0}“ ist als seine eigene Maske angegeben.",
    # Reconstruction
    "All cameras look from nearly the same side: how deep the object is can't be told.": (
        "Alle Kameras blicken fast von derselben Seite: Wie tief das Objekt ist, lässt sich nicht sagen."
    ),
    "Cancelled.": "Abgebrochen.",
    "Choose a lower preset, fewer points, fewer or smaller images, or another device.": (
        "Eine niedrigere Voreinstellung, weniger Punkte, weniger oder kleinere Bilder oder ein anderes Gerät wählen."
    ),
    "Choose a whole number that is not negative.": "Eine ganze Zahl wählen, die nicht negativ ist.",
    "Choose another method or input.": "Ein anderes Verfahren oder eine andere Eingabe wählen.",
    "Choose from 1 to {}.": "1 bis {0} wählen.",
    "Choose from {} to {}.": "{0} bis {1} wählen.",
    "Choose one of auto, {}.": "Eines von diesen wählen: auto, {0}.",
    "Choose the method “point-e”, or give it pictures.": "Das Verfahren „point-e“ wählen oder Bilder angeben.",
    "Left out, as their cameras or masks contradict all other views: {}.": (
        "Weggelassen, da ihre Kameras oder Masken allen anderen Ansichten widersprechen: {0}."
    ),
    "The cameras are a little off: corrected by {} pixels on average, “{}” by {}, focal lengths by {} %.": (
        "Die Kameras liegen etwas daneben: im Mittel um {0} Pixel berichtigt, „{1}“ um {2}, Brennweiten um {3} %."
    ),
    "The field has no surface: it is empty or full everywhere.": (
        "Das Feld hat keine Oberfläche: Es ist überall leer oder voll."
    ),
    "The memory does not suffice.": "Der Speicher reicht nicht.",
    "The memory of “{}” ran short: going on with batches of 1/{}.": (
        "Der Speicher von „{0}“ wurde knapp: weiter mit 1/{1} so großen Teilen."
    ),
    "The pictures differ in exposure or white balance, by up to {} stops: evened.": (
        "Die Bilder unterscheiden sich in Belichtung oder Weißabgleich um bis zu {0} Blendenstufen: ausgeglichen."
    ),
    "There is no device “{}” for torch {} here.": "Das Gerät „{0}“ gibt es hier für torch {1} nicht.",
    "{} is no seed.": "{0} ist kein Startwert.",
    "{} points can't be made.": "{0} Punkte können nicht erzeugt werden.",
    "A mesh of {} faces can't be made.": "Ein Mesh mit {0} Flächen kann nicht erzeugt werden.",
    "“{}” is no method.": "„{0}“ ist kein Verfahren.",
    "“{}” is no {}.": "„{0}“ ist hier nicht möglich ({1}).",
    "“{}” is not used: “{}” needs no cameras.": "„{0}“ wird nicht verwendet: „{1}“ braucht keine Kameras.",
    "“{}” takes a folder of pictures, and was given none.": "„{0}“ nimmt einen Ordner mit Bildern, und bekam keinen.",
    "“{}” takes {}.": "„{0}“ nimmt {1}.",
    # Files
    "Choose a file that exists and is readable.": "Eine vorhandene, lesbare Datei wählen.",
    "Choose a file that this version of UNeR3D wrote.": "Eine Datei wählen, die diese Version von UNeR3D geschrieben hat.",
    "Choose a folder that is there and that you may write to, on a disk with room.": (
        "Einen vorhandenen, beschreibbaren Ordner auf einer Festplatte mit Platz wählen."
    ),
    "Choose another file or reconstruct again.": "Eine andere Datei wählen oder neu rekonstruieren.",
    "Choose another folder, or close the program that has the file open.": (
        "Einen anderen Ordner wählen oder das Programm schließen, das die Datei geöffnet hat."
    ),
    "Choose another folder.": "Einen anderen Ordner wählen.",
    "Choose another name or folder.": "Einen anderen Namen oder Ordner wählen.",
    "Export the cloud again as PLY.": "Die Punktwolke neu als PLY exportieren.",
    "Export the cloud again.": "Die Punktwolke neu exportieren.",
    "Export the cloud with its positions.": "Die Punktwolke mit ihren Positionen exportieren.",
    "Export the cloud with its vertices.": "Die Punktwolke mit ihren Punkten („vertex“) exportieren.",
    "Free some space or choose another folder.": "Platz schaffen oder einen anderen Ordner wählen.",
    "Let it end in .safetensors.": "Der Name muss auf .safetensors enden.",
    "Let it end in {}.": "Der Name muss auf {0} enden.",
    "Make the cloud again.": "Die Punktwolke neu erzeugen.",
    "Make the mesh again.": "Das Mesh neu erzeugen.",
    "Name a file in it.": "Eine Datei darin nennen.",
    "Nothing can be written to “{}”: {}.": "Nach „{0}“ kann nichts geschrieben werden: {1}.",
    "The disk is full.": "Die Festplatte ist voll.",
    "The field {} can't be read: {}.": "Das Feld {0} kann nicht gelesen werden: {1}.",
    "The header of “{}” can't be understood at “{}”.": "Der Kopf von „{0}“ ist bei „{1}“ nicht verständlich.",
    "The points in “{}” have no x, y and z.": "Die Punkte in „{0}“ haben kein x, y und z.",
    "{} is no field file of version {}.": "{0} ist keine Felddatei der Version {1}.",
    "Left out of “{}”, without a finite position: {}.": (
        "Aus „{0}“ weggelassen, ohne endliche Position: {1}."
    ),
    "“{}” can't be written: the disk is full.": "„{0}“ kann nicht geschrieben werden: Die Festplatte ist voll.",
    "“{}” can't be written: the folder “{}” is not writable.": (
        "„{0}“ kann nicht geschrieben werden: Der Ordner „{1}“ ist nicht beschreibbar."
    ),
    "“{}” can't be written: there is no folder “{}”.": (
        "„{0}“ kann nicht geschrieben werden: Den Ordner „{1}“ gibt es nicht."
    ),
    "“{}” can't be written: {}.": "„{0}“ kann nicht geschrieben werden: {1}.",
    "“{}” has arrays of different lengths.": "„{0}“ hat Felder verschiedener Länge.",
    "“{}” is a folder.": "„{0}“ ist ein Ordner.",
    "“{}” is cut short or damaged.": "„{0}“ ist abgeschnitten oder beschädigt.",
    "“{}” is damaged or not a mesh of UNeR3D.": "„{0}“ ist beschädigt oder kein Mesh von UNeR3D.",
    "“{}” is damaged or not a point cloud of UNeR3D.": "„{0}“ ist beschädigt oder keine Punktwolke von UNeR3D.",
    "“{}” is not a PLY file.": "„{0}“ ist keine PLY-Datei.",
    "“{}” names no field.": "„{0}“ nennt kein Feld.",
    "“{}” names no kind of mesh.": "„{0}“ nennt keine Art von Mesh.",
    "“{}” names no kind of point cloud.": "„{0}“ nennt keine Art von Punktwolke.",
    # The worker
    "Check the connection and start again: it goes on where it was.": (
        "Die Verbindung prüfen und neu starten: Es geht dort weiter, wo es war."
    ),
    "Install the engine again.": "Die Engine neu installieren.",
    "Install the engine and the add-on in the same version.": "Engine und Add-on in derselben Version installieren.",
    "Install uner3d again in that Python, with all it needs.": (
        "uner3d in diesem Python neu installieren, mit allem, was es braucht."
    ),
    "Nothing can be written into the job folder “{}”: {}.": (
        "In den Auftragsordner „{0}“ kann nichts geschrieben werden: {1}."
    ),
    "Please report it with the file “{}”.": "Bitte mit der Datei „{0}“ melden.",
    "Start the job again.": "Den Auftrag neu starten.",
    "The add-on speaks schema {} of the protocol, this engine (uner3d {}) {}.": (
        "Das Add-on spricht Schema {0} des Protokolls, diese Engine (uner3d {1}) {2}."
    ),
    "The engine “{}” is not complete: {}.": "Die Engine „{0}“ ist nicht vollständig: {1}.",
    "The job file has schema {}, this engine reads {}.": "Die Auftragsdatei hat Schema {0}, diese Engine liest {1}.",
    "The job file “{}” can't be read: {}.": "Die Auftragsdatei „{0}“ kann nicht gelesen werden: {1}.",
    "The job file “{}” is no JSON object.": "Die Auftragsdatei „{0}“ ist kein JSON-Objekt.",
    "The job file “{}” is no text.": "Die Auftragsdatei „{0}“ ist kein Text.",
    "The worker was sent “{}”, which is no request.": "Dem Arbeitsprozess wurde „{0}“ geschickt, was keine Anfrage ist.",
    "Write the results there.": "Die Ergebnisse dorthin schreiben.",
    "it is sent on to {}, which is not https": "es wird nach {0} weitergeleitet, was nicht https ist",
    "torch can't be loaded: {}.": "torch kann nicht geladen werden: {0}.",
    "{} is not https": "{0} ist nicht https",
    "“{}” can't be fetched: {}.": "„{0}“ kann nicht geholt werden: {1}.",
    "“{}” does not lie in the job folder “{}”.": "„{0}“ liegt nicht im Auftragsordner „{1}“.",
    "“{}” has {} MiB, for which the disk has no room.": "„{0}“ hat {1} MiB, wofür die Festplatte keinen Platz hat.",
    "“{}” in the job file must {}.": "„{0}“ in der Auftragsdatei muss anders sein: {1}.",
    "“{}” is not installed": "„{0}“ ist nicht installiert",
    "depth views": "Ansichten mit Tiefe",
    "merging": "Zusammenführen",
    "unproject": "Zurückprojizieren",
    "compare": "Vergleichen",
    "choose points": "Punkte wählen",
    "read depth": "Tiefe lesen",
    "A data set needs Blender as a module (bpy), which “{}” does not have.": "Ein Datensatz braucht Blender als Modul (bpy), das „{0}“ nicht hat.",
    "Name files that end in {}, or folders.": "Dateien nennen, die auf {0} enden, oder Ordner.",
    "“{}” can't be made: {}.": "„{0}“ kann nicht angelegt werden: {1}.",
    "Blender ended early (exit code {}).": "Blender endete vorzeitig (Exit-Code {0}).",
    "It may lack memory or a library: “uner3d doctor” and the README's list of libraries help.": "Vielleicht fehlt Speicher oder eine Bibliothek: „uner3d doctor“ und die Liste der Bibliotheken im README helfen.",
    "The {} can't be {}.": "{0} kann nicht {1} sein.",
    "There is no model “{}”.": "Es gibt kein Modell „{0}“.",
    "Two models are called “{}”.": "Zwei Modelle heißen „{0}“.",
    "Rename one, or give each its own output.": "Eines umbenennen oder jedem eine eigene Ausgabe geben.",
    "Choose another file.": "Eine andere Datei wählen.",
    'Install it with the extra “demo”: pip install -e ".[demo]" in the repository.': 'Mit dem Extra „demo“ installieren: pip install -e ".[demo]" im Repositorium.',
    "None of the pictures shows a surface.": "Keines der Bilder zeigt eine Oberfläche.",
    "See that the object is in the cameras' view, and that depth and masks belong to the images.": "Prüfen, ob die Kameras das Objekt sehen und Tiefe und Masken zu den Bildern gehören.",
    "The pictures contradict each other everywhere.": "Die Bilder widersprechen einander überall.",
    "See that all of them show the same object, with cameras and depth of the same scale.": "Prüfen, ob alle dasselbe Objekt zeigen, mit Kameras und Tiefe im selben Maßstab.",
    "“{}” shows no surface, and is left out.": "„{0}“ zeigt keine Oberfläche und wird weggelassen.",
    "The depth of “{}” has {} × {} pixels, the image {} × {}.": "Die Tiefe von „{0}“ hat {1} × {2} Pixel, das Bild {3} × {4}.",
    "Use the depth that was rendered with the image.": "Die Tiefe verwenden, die mit dem Bild gerendert wurde.",
    "Give each image a file “depth/NAME.npy” or “.exr” beside the images, or choose another method.": "Jedem Bild bei den Bildern eine Datei „depth/NAME.npy“ oder „.exr“ geben oder ein anderes Verfahren wählen.",
    "There are no cameras for these images, and depth belongs to cameras that are known.": "Zu diesen Bildern gibt es keine Kameras, und Tiefe gehört zu bekannten Kameras.",
    "Put their transforms.json beside the images, or choose another method.": "Ihre transforms.json zu den Bildern legen oder ein anderes Verfahren wählen.",
    "There is no depth for “{}”.": "Es gibt keine Tiefe zu „{0}“.",
    "“{}” is no file of depth that can be read.": "„{0}“ ist keine Tiefendatei, die gelesen werden kann.",
    "Use .npy or .exr.": ".npy oder .exr verwenden.",
    "The camera of “{}” has lens distortion, which depth is not freed of.": "Die Kamera von „{0}“ hat eine Linsenverzerrung, von der Tiefe nicht befreit wird.",
    "Render or export without lens distortion.": "Ohne Linsenverzerrung rendern oder exportieren.",
    "“{}” holds {} {}, which is no depth.": "„{0}“ enthält {1} {2}, was keine Tiefe ist.",
    "Save an array (height, width) of floating-point numbers.": "Ein Array (Höhe, Breite) aus Gleitkommazahlen speichern.",
    "Choose files that are readable.": "Lesbare Dateien wählen.",
    "“{}” can't be read: it is cut short, damaged, or no NPY file.": "„{0}“ kann nicht gelesen werden: abgeschnitten, beschädigt oder keine NPY-Datei.",
    "“{}” has no depth.": "„{0}“ hat keine Tiefe.",
    "“{}” has several depth channels.": "„{0}“ hat mehrere Tiefenkanäle.",
    "Render it with the pass Z of one view layer.": "Mit dem Pass Z einer View-Layer rendern.",
    "“{}” is tiled, deep, or of several parts.": "„{0}“ ist gekachelt, tief oder aus mehreren Teilen.",
    "Render it as OpenEXR MultiLayer, interleaved.": "Als OpenEXR MultiLayer rendern, verschachtelt.",
    "“{}” has a compression that is not read.": "„{0}“ hat eine Kompression, die nicht gelesen wird.",
    "Choose ZIP, ZIPS or none.": "ZIP, ZIPS oder keine wählen.",
    "“{}” can't be read: it is cut short, damaged, or no EXR file.": "„{0}“ kann nicht gelesen werden: abgeschnitten, beschädigt oder keine EXR-Datei.",
    "Render it again.": "Noch einmal rendern.",
    "{}: its {} is no path.": "{0}: {1} ist kein Pfad.",
    "{} clouds can't be made at once.": "{0} Punktwolken können nicht zugleich gemacht werden.",
    "“{}” is no network of Point-E.": "„{0}“ ist kein Netz von Point-E.",
    "There is a picture and a sentence.": "Es gibt ein Bild und einen Satz.",
    "Give one of the two.": "Eines von beiden angeben.",
    "There is neither a picture nor a sentence.": "Es gibt weder ein Bild noch einen Satz.",
    "{} in “{}”; one is needed.": "{0} in „{1}“; eines wird gebraucht.",
    "Choose one image.": "Ein Bild wählen.",
    "“{}” has no mask: all it shows counts. The object should stand alone, on white.": "„{0}“ hat keine Maske: Alles darin zählt. Das Objekt sollte allein stehen, auf Weiß.",
    "Make the object white or opaque in it.": "Das Objekt darin weiß oder deckend machen.",
    "There are no weights “{}”.": "Es gibt keine Gewichte „{0}“.",
    "Press “Fetch Weights” in the panel, use “uner3d weights get point-e”, or name their folder.": "„Gewichte holen“ im Panel drücken, „uner3d weights get point-e“ verwenden oder ihren Ordner nennen.",
    "Press “Fetch Weights” in the panel, use “uner3d weights get point-e{}”, or name their folder.": "„Gewichte holen“ im Panel drücken, „uner3d weights get point-e{0}“ verwenden oder ihren Ordner nennen.",
    "Point-E needs the library transformers, which is not installed.": "Point-E braucht die Bibliothek transformers, die nicht installiert ist.",
    "Press “Add Point-E to Engine” in the panel, or in an environment of yours: pip install 'uner3d[point-e]'.": "„Point-E zur Engine hinzufügen“ im Panel drücken, oder in einer eigenen Umgebung: pip install 'uner3d[point-e]'.",
    "“{}” is not CLIP ViT-L/14: its “{}” is {}.": "„{0}“ ist nicht CLIP ViT-L/14: „{1}“ darin ist {2}.",
    "“{}” is not CLIP ViT-L/14: it has no “{}”.": "„{0}“ ist nicht CLIP ViT-L/14: Es hat kein „{1}“.",
    "The picture's mask is black.": "Die Maske des Bildes ist schwarz.",
    "“{}” is not the file that was loaded first: its SHA-256 has changed.": "„{0}“ ist nicht die Datei, die zuerst geladen wurde: Ihr SHA-256 ist anders.",
    "Fetch the weights again; if you replaced it yourself, remove its line in “{}” beside it.": "Die Gewichte noch einmal holen; wurde die Datei absichtlich ersetzt, ihre Zeile in „{0}“ daneben entfernen.",
    "“{}” holds no hashes.": "„{0}“ enthält keine Prüfsummen.",
    "Remove it, or repair it.": "Sie entfernen oder reparieren.",
    "A cloud suggests no other cloud.": "Eine Punktwolke gibt keine andere vor.",
    "Give a picture or a sentence.": "Ein Bild oder einen Satz angeben.",
    "prompt": "Vorgabe",
    "1,024 points": "1.024 Punkte",
    "4,096 points": "4.096 Punkte",
    "surface, {} places": "Oberfläche, {0} Stellen",
    "pictures of the clouds": "Bilder der Punktwolken",
    "imagine": "Erdenken",
    "“{}” makes clouds from {}, and was given {}.": "„{0}“ macht Punktwolken aus {1} und bekam {2}.",
    "Choose {}.": "{0} wählen.",
    "The cloud has {}, or reaches out of ±{} around the origin.": "Die Punktwolke hat {0} oder reicht über ±{1} um den Ursprung hinaus.",
    "Choose one that “uner3d imagine” made, or one like it of at most {} points.": "Eine wählen, die „uner3d imagine“ gemacht hat, oder eine solche von höchstens {0} Punkten.",
    "The network finds no surface in the cloud: where its answer is average is taken for it.": "Das Netz findet in der Punktwolke keine Oberfläche: Dafür gilt, wo seine Antwort durchschnittlich ist.",
    "{}, MiB": "{0}, MiB",
}
"""English to German."""
