# SPDX-License-Identifier: GPL-3.0-or-later
"""Sentences of the add-on; ``{}`` stands for a value, in German with its number."""

ADDON = {
    # The panels
    "About {} to the end of this stage": "Etwa {0} bis zum Ende dieses Schritts",
    "Done, waits for you to finish what you do": "Fertig; wartet, bis die laufende Handlung beendet ist",
    "Mesh of {}, {} faces": "Mesh von {0}, {1} Flächen",
    "Ready: uner3d {}, torch {}, Python {}": "Bereit: uner3d {0}, torch {1}, Python {2}",
    "Reading the result": "Ergebnis lesen",
    "Reconstructing needs the engine: PyTorch, in a folder of its own. It takes 1 to 10 GB.": (
        "Zum Rekonstruieren wird die Engine gebraucht: PyTorch, in einem eigenen Ordner. Sie belegt 1 bis 10 GB."
    ),
    "Remove Downloads ({})": "Heruntergeladenes entfernen ({0})",
    "Rendering the cameras": "Kameras rendern",
    "Resample {}": "Neu abtasten: {0}",
    "Step {} of {}": "Schritt {0} von {1}",
    "{} GiB": "{0} GiB",
    "{} in {}": "{0} in {1}",
    "{} min {} s": "{0} min {1} s",
    ", {} min {} s left": ", noch {0} min {1} s",
    "{} of {}": "{0} von {1}",
    "{} points": "{0} Punkte",
    "1 point": "1 Punkt",
    "1 view": "1 Ansicht",
    "{} views": "{0} Ansichten",
    "{} shows other colours than the pictures have; Standard shows theirs.": (
        "{0} zeigt andere Farben, als die Bilder haben; Standard zeigt dieselben."
    ),
    "{}, 1 point": "{0}, 1 Punkt",
    "{}, {} points": "{0}, {1} Punkte",
    "{}: cancelled at {}": "{0}: um {1} abgebrochen",
    "{}: {} of {}": "{0}: {1} von {2}",
    "{}: {}, {} GiB of memory": "{0}: {1}, {2} GiB Speicher",
    # Details
    "Colours in given views": "Farben der Bilder",
    "Silhouettes' overlap": "Umrissdeckung",
    "{} dB PSNR": "{0} dB PSNR",
    "Surface seen": "Gesehene Oberfläche",
    # Inputs
    "Add images, or a video.": "Bilder oder ein Video hinzufügen.",
    "There are no images among the inputs.": "Unter den Eingaben sind keine Bilder.",
    "The masks are drawn.": "Die Masken sind gezeichnet.",
    "A camera of the scene. What it sees is rendered with {} × {} pixels": (
        "Eine Kamera der Szene. Was sie sieht, wird mit {0} × {1} Pixeln gerendert"
    ),
    "A camera among the inputs was deleted.": "Eine Kamera unter den Eingaben wurde gelöscht.",
    "A camera was deleted, or its file was closed, before it was rendered.": (
        "Eine Kamera wurde gelöscht oder ihre Datei geschlossen, bevor sie gerendert war."
    ),
    "A camera was deleted. Remove its row, or undo.": (
        "Eine Kamera wurde gelöscht. Ihre Zeile entfernen oder rückgängig machen."
    ),
    "Add cameras of the scene, or images.": "Kameras der Szene oder Bilder hinzufügen.",
    "And {} more like this.": "Und {0} weitere dieser Art.",
    "Choose PNG, JPEG, TIFF, WebP or BMP files, or a video.": (
        "PNG-, JPEG-, TIFF-, WebP- oder BMP-Dateien oder ein Video wählen."
    ),
    "Choose a folder with PNG, JPEG or TIFF files, or a video.": (
        "Einen Ordner mit PNG-, JPEG- oder TIFF-Dateien oder mit einem Video wählen."
    ),
    "A video is one of the inputs, and not the only one.": "Ein Video ist eine der Eingaben und nicht die einzige.",
    "Remove the others, or switch their rows off.": "Die anderen entfernen oder ihre Zeilen ausschalten.",
    "{} MB, its best frames are used": "{0} MB, die besten Einzelbilder werden verwendet",
    "“{}” is gone. Put it back, or leave it out.": "„{0}“ ist verschwunden. Es zurücklegen oder weglassen.",
    "“{}”: a video of {} MB. Its best frames become the images, whose cameras are estimated": (
        "„{0}“: ein Video von {1} MB. Die besten Einzelbilder werden zu den Bildern, deren Kameras geschätzt werden"
    ),
    "Choose images, or a folder of them.": "Bilder oder einen Ordner mit Bildern wählen.",
    "None of the images that “{}” names is beside it.": "Keines der Bilder, die „{0}“ nennt, liegt daneben.",
    "All {} images are gone: {}.": "Alle {0} Bilder sind verschwunden: {1}.",
    "Left out, as they are gone: {}.": "Weggelassen, da verschwunden: {0}.",
    "Left out, as they see nothing that is rendered: {}.": (
        "Weggelassen, da sie nichts sehen, was gerendert wird: {0}."
    ),
    "“{}” sees nothing that is rendered.": "„{0}“ sieht nichts, was gerendert wird.",
    "None of the {} cameras sees anything that is rendered: {}.": (
        "Keine der {0} Kameras sieht etwas, was gerendert wird: {1}."
    ),
    "Turn cameras to the object, and see whether it is shown in renders.": (
        "Kameras auf das Objekt richten und prüfen, ob es in Renderbildern gezeigt wird."
    ),
    "A camera of this job was deleted, or its file was closed.": (
        "Eine Kamera dieses Auftrags wurde gelöscht oder ihre Datei geschlossen."
    ),
    "The scene of this job was deleted, or its file was closed.": (
        "Die Szene dieses Auftrags wurde gelöscht oder ihre Datei geschlossen."
    ),
    "“{}” was deleted, or its file was closed.": "„{0}“ wurde gelöscht oder die Datei geschlossen.",
    "Start a new job.": "Einen neuen Auftrag starten.",
    "Start a new one.": "Einen neuen starten.",
    "This job is not listed any more.": "Dieser Auftrag ist nicht mehr aufgeführt.",
    "“{}” is ready.": "„{0}“ ist fertig.",
    "The view does not show its colours.": "Die Ansicht zeigt die Farben nicht.",
    "{} “Show Colours” does, in the tab UNeR3D.": "{0} „Farben anzeigen“ im Reiter UNeR3D tut es.",
    "The environment variable {} names this Python. One that is chosen below outranks it.": (
        "Die Umgebungsvariable {0} nennt dieses Python. Eines, das unten gewählt wird, geht vor."
    ),
    "Put it back, or start a new job.": "Es zurücklegen oder einen neuen Auftrag starten.",
    "Put back what is missing, or remove its rows.": (
        "Das Fehlende zurücklegen oder seine Zeilen entfernen."
    ),
    "Put them there, or add the images and choose the cameras in the panel.": (
        "Sie dorthin legen, oder die Bilder hinzufügen und die Kameras im Panel wählen."
    ),
    "Remove all rows from the inputs. The cameras and images themselves stay": (
        "Alle Zeilen aus den Eingaben entfernen. Die Kameras und Bilder selbst bleiben"
    ),
    "Remove its row from the inputs.": "Ihre Zeile aus den Eingaben entfernen.",
    "Remove one or the other, or switch its rows off.": (
        "Die einen oder die anderen entfernen oder ihre Zeilen ausschalten."
    ),
    "The image “{}” is gone.": "Das Bild „{0}“ ist verschwunden.",
    "The inputs are both cameras and images.": "Die Eingaben sind teils Kameras, teils Bilder.",
    "The inputs are both cameras and images. Remove one or the other, or switch its rows off.": (
        "Die Eingaben sind teils Kameras, teils Bilder. Die einen oder die anderen entfernen oder ihre Zeilen "
        "ausschalten."
    ),
    "There are no images and no cameras.": "Es gibt weder Bilder noch Kameras.",
    "There is no “{}”.": "„{0}“ gibt es nicht.",
    "This camera was deleted. Remove its row, or undo.": (
        "Diese Kamera wurde gelöscht. Ihre Zeile entfernen oder rückgängig machen."
    ),
    "alpha": "Alpha",
    "camera": "Kamera",
    "camera to be found": "Kamera wird ermittelt",
    "image": "Bild",
    "images": "Bilder",
    "its": "seine",
    "its alpha is the mask": "sein Alpha ist die Maske",
    "its camera is not known and will be estimated": "seine Kamera ist nicht bekannt und wird geschätzt",
    "mask": "Maske",
    "no": "keine",
    "no camera": "keine Kamera",
    "no mask": "keine Maske",
    "with a mask file": "mit einer Maskendatei",
    "{} camera is in “{}”": "{0} Kamera steht in „{1}“",
    "{} added.": "{0} hinzugefügt.",
    "{} made": "{0} erzeugt",
    "1 camera": "1 Kamera",
    "{} cameras": "{0} Kameras",
    "1 image": "1 Bild",
    "1 other image": "1 anderen Bild",
    "{} other images": "{0} anderen Bildern",
    "“{}” lies beside {}.": "„{0}“ liegt neben {1}.",
    "{} images": "{0} Bilder",
    "One view tells no depth: the cloud will be its outline, drawn out along the line of sight. "
    "Add views from all around.": (
        "Eine Ansicht verrät keine Tiefe: Die Punktwolke wird ihr Umriss, entlang der Blickrichtung ausgezogen. "
        "Ansichten von allen Seiten hinzufügen."
    ),
    "1. Of an object in this scene: select it, and put cameras around it.": (
        "1. Von einem Objekt dieser Szene: Es auswählen und Kameras darum stellen."
    ),
    "Or select cameras of yours that see it from all around.": (
        "Oder eigene Kameras auswählen, die es von allen Seiten sehen."
    ),
    "Or take photographs: 20 or more from all around.": "Oder Fotos nehmen: mindestens 20 von allen Seiten.",
    "2. Choose a preset and how many points. 3. Press “Reconstruct”.": (
        "2. Vorgabe und Punktzahl wählen. 3. „Rekonstruieren“ drücken."
    ),
    "{} × {}, {}, {}": "{0} × {1}, {2}, {3}",
    "{} × {}, rendered": "{0} × {1}, gerendert",
    "{}; they lack the lens distortion that the images have.": (
        "{0}; ihnen fehlt die Verzeichnung, die die Bilder haben."
    ),
    "“{}” holds no images.": "„{0}“ enthält keine Bilder.",
    "“{}” is being looked at": "„{0}“ wird angesehen",
    "“{}” is no image file.": "„{0}“ ist keine Bilddatei.",
    "“{}”: {} × {} pixels, {}, {}": "„{0}“: {1} × {2} Pixel, {3}, {4}",
    # Cameras of the scene
    "Add images with a transforms.json or a COLMAP model, or choose it as the camera file.": (
        "Bilder mit einer transforms.json oder einem COLMAP-Modell hinzufügen, oder dieses als Kameradatei wählen."
    ),
    "Choose another camera file.": "Eine andere Kameradatei wählen.",
    "No camera is selected.": "Keine Kamera ist ausgewählt.",
    "No file tells the cameras of the inputs.": "Keine Datei nennt die Kameras der Eingaben.",
    "No object is selected that cameras could look at.": (
        "Kein Objekt ist ausgewählt, auf das Kameras blicken könnten."
    ),
    "Select another object.": "Ein anderes Objekt auswählen.",
    "Select cameras only.": "Nur Kameras auswählen.",
    "Select cameras that see the object.": "Kameras auswählen, die das Objekt sehen.",
    "Select the cameras that see the object.": "Die Kameras auswählen, die das Objekt sehen.",
    "Select the object.": "Das Objekt auswählen.",
    "Set its lens type to Perspective, or leave it out.": (
        "Ihren Typ auf Perspektive stellen oder sie weglassen."
    ),
    "The selected object has no size.": "Das ausgewählte Objekt hat keine Ausdehnung.",
    "There are no cameras to reconstruct from.": "Es gibt keine Kameras, aus denen rekonstruiert werden kann.",
    "a custom": "eigen programmierte",
    "a panoramic": "panoramische",
    "an orthographic": "orthografische",
    "“{}” has no camera for any of the images.": "„{0}“ hat für keines der Bilder eine Kamera.",
    "“{}” is not a camera.": "„{0}“ ist keine Kamera.",
    "“{}” is {} camera.": "„{0}“ ist eine {1} Kamera.",
    # Rendering the cameras
    "Allow “Auto Run Python Scripts” in the preferences, under Save & Load, and start again.": (
        "„Python-Skripte automatisch ausführen“ in den Einstellungen unter Speichern & Laden erlauben und neu "
        "starten."
    ),
    "Blender is rendering something else.": "Blender rendert gerade etwas anderes.",
    "If Blender was moved or updated while it ran, save your file and start Blender again.": (
        "Wurde Blender verschoben oder aktualisiert, während es lief: die Datei speichern und Blender neu starten."
    ),
    "No second Blender can be started to render the cameras: “{}”, {}.": (
        "Zum Rendern der Kameras kann kein zweites Blender gestartet werden: „{0}“, {1}."
    ),
    "Save or pack that image in an image editor, and start again.": (
        "Dieses Bild in einem Bildeditor speichern oder packen und neu starten."
    ),
    "See whether the memory suffices for the scene twice; its last lines are in “{}”.": (
        "Prüfen, ob der Speicher für die Szene zweimal reicht; die letzten Zeilen stehen in „{0}“."
    ),
    "Set that camera active and render with F12 to see what is wrong.": (
        "Diese Kamera aktiv setzen und mit F12 rendern, um zu sehen, woran es liegt."
    ),
    "The file has scripts or drivers that ran in this window, but may not run by themselves in another Blender "
    "({}).": (
        "Die Datei hat Skripte oder Treiber, die in diesem Fenster liefen, in einem anderen Blender aber nicht "
        "von selbst laufen dürfen ({0})."
    ),
    "The scene can't be copied into “{}”: {}.": "Die Szene kann nicht nach „{0}“ kopiert werden: {1}.",
    "The second Blender that renders the cameras ended early ({}){}": (
        "Das zweite Blender, das die Kameras rendert, endete zu früh ({0}){1}"
    ),
    "The view of “{}” could not be rendered: {}": "Die Ansicht von „{0}“ konnte nicht gerendert werden: {1}",
    "Wait for it to end, and start again.": "Warten, bis es fertig ist, und neu starten.",
    "exit code {}": "Rückgabewert {0}",
    "signal {}": "Signal {0}",
    "“{}” has been painted and not saved, so it would be missing in the pictures.": (
        "„{0}“ wurde bemalt und nicht gespeichert und würde darum in den Bildern fehlen."
    ),
    # Jobs
    "A job is running already.": "Ein Auftrag läuft bereits.",
    "Another job works in “{}”.": "Ein anderer Auftrag arbeitet in „{0}“.",
    "“{}” could not be written whole.": "„{0}“ konnte nicht ganz geschrieben werden.",
    "Choose a folder on a disk with room.": "Einen Ordner auf einem Datenträger mit Platz wählen.",
    "Choose a folder that you may write to, on a disk with room.": (
        "Einen beschreibbaren Ordner auf einer Festplatte mit Platz wählen."
    ),
    "Choose a new or empty folder.": "Einen neuen oder leeren Ordner wählen.",
    "Choose another one in the add-on's preferences.": "Ein anderes in den Einstellungen des Add-ons wählen.",
    "Close what uses it, and try again.": "Schließen, was ihn verwendet, und es erneut versuchen.",
    "List the results again.": "Die Ergebnisse neu auflisten.",
    "No folder for the job can be made: {}.": "Für den Auftrag kann kein Ordner angelegt werden: {0}.",
    "No job shows a preview.": "Kein Auftrag zeigt eine Vorschau.",
    "Please report it.": "Bitte melden.",
    "Reconstruct the object again.": "Das Objekt neu rekonstruieren.",
    "See whether the disk is full.": "Prüfen, ob die Festplatte voll ist.",
    "See whether the disk with Blender's own folder is there.": (
        "Prüfen, ob die Festplatte mit Blenders eigenem Ordner da ist."
    ),
    "Select a cloud that was made by Reconstruct.": (
        "Eine Punktwolke auswählen, die mit „Rekonstruieren“ entstanden ist."
    ),
    "Select a cloud.": "Eine Punktwolke auswählen.",
    "Select a point cloud.": "Eine Punktwolke auswählen.",
    "Something went wrong that should not ({}).": "Etwas ist schiefgegangen, das nicht sollte ({0}).",
    "Start again.": "Neu starten.",
    "Start one, and wait for its first cloud.": "Einen starten und auf seine erste Punktwolke warten.",
    "Stop the running job and remove those that wait": "Den laufenden Auftrag beenden und die wartenden entfernen",
    "The add-on was switched off.": "Das Add-on wurde ausgeschaltet.",
    "The cloud is in the panel Jobs: import it from there.": (
        "Die Punktwolke ist im Panel „Aufträge“: von dort importieren."
    ),
    "The engine's Python “{}” is not there.": "Das Python der Engine „{0}“ ist nicht da.",
    "The field of “{}” is gone: “{}”.": "Das Feld von „{0}“ ist verschwunden: „{1}“.",
    "The job “{}” is still running.": "Der Auftrag „{0}“ läuft noch.",
    "The job's folder “{}” can't be written: {}.": "In den Auftragsordner „{0}“ kann nicht geschrieben werden: {1}.",
    "The results of earlier jobs can't be looked for: {}.": (
        "Nach den Ergebnissen früherer Aufträge kann nicht gesucht werden: {0}."
    ),
    "This job does not wait any more.": "Dieser Auftrag wartet nicht mehr.",
    "This result is gone.": "Dieses Ergebnis ist verschwunden.",
    "Undo, and convert it again.": "Rückgängig machen und erneut umwandeln.",
    "Undo, and start again.": "Rückgängig machen und neu starten.",
    "Undo, or make it again.": "Rückgängig machen oder neu erzeugen.",
    "Wait for it to finish, or cancel it.": "Warten, bis es fertig ist, oder abbrechen.",
    "Wait for it to finish, or choose another folder.": (
        "Warten, bis er fertig ist, oder einen anderen Ordner wählen."
    ),
    "Wait for it to finish.": "Warten, bis er fertig ist.",
    "“{}” can't be removed: {}.": "„{0}“ kann nicht entfernt werden: {1}.",
    "“{}” holds other files, which a job might replace.": (
        "„{0}“ enthält andere Dateien, die ein Auftrag ersetzen könnte."
    ),
    "“{}” is ready, but its scene was deleted or another file opened.": (
        "„{0}“ ist fertig, aber die Szene wurde gelöscht oder eine andere Datei geöffnet."
    ),
    "“{}” is removed.": "„{0}“ ist entfernt.",
    "“{}” was deleted after it was made.": "„{0}“ wurde gelöscht, nachdem es erzeugt war.",
    "“{}” was deleted before its turn came.": "„{0}“ wurde gelöscht, bevor es an der Reihe war.",
    "“{}” was deleted meanwhile.": "„{0}“ wurde inzwischen gelöscht.",
    "“{}” was not reconstructed here, so it has no field.": (
        "„{0}“ wurde nicht hier rekonstruiert und hat darum kein Feld."
    ),
    # Clouds and files
    "Give one that is above zero.": "Einen über null angeben.",
    "{} is no distance.": "{0} ist kein Abstand.",
    "Both points are in the same place.": "Beide Punkte sind an derselben Stelle.",
    "{} objects are selected beside the cloud, and not two.": (
        "{0} Objekte sind neben der Punktwolke ausgewählt und nicht zwei."
    ),
    "{} points of the cloud are selected, and not two.": "{0} Punkte der Punktwolke sind ausgewählt und nicht zwei.",
    "In edit mode select two points of the cloud; or put two empties on it, and select them and then the "
    "cloud.": (
        "Im Bearbeitungsmodus zwei Punkte der Punktwolke auswählen; oder zwei Empties darauf setzen und "
        "erst sie, dann die Punktwolke auswählen."
    ),
    "“{}” is {} times as large.": "„{0}“ ist {1}-mal so groß.",
    "Put them back where they were.": "Sie dorthin zurücklegen, wo sie waren.",
    "All images of “{}” are gone.": "Alle Bilder von „{0}“ sind verschwunden.",
    "The cameras of “{}” are gone: “{}”.": "Die Kameras von „{0}“ sind verschwunden: „{1}“.",
    "Show those of the inputs instead.": "Stattdessen die der Eingaben zeigen.",
    "The cameras of “{}” were not estimated.": "Die Kameras von „{0}“ wurden nicht geschätzt.",
    "The viewport shows {} of them.": "Das Ansichtsfenster zeigt {0} davon.",
    "Choose a .ply or .npz file.": "Eine .ply- oder .npz-Datei wählen.",
    "Name a .ply file.": "Eine .ply-Datei nennen.",
    "The details are on the clipboard.": "Die Details sind in der Zwischenablage.",
    "There is no file name.": "Der Dateiname fehlt.",
    "“{}” can't be written.": "„{0}“ kann nicht geschrieben werden.",
    "“{}” has {} faces. Its cloud is hidden.": "„{0}“ hat {1} Flächen. Die Punktwolke ist ausgeblendet.",
    "“{}” has 1 point.{}": "„{0}“ hat 1 Punkt.{1}",
    "“{}” has {} points.{}": "„{0}“ hat {1} Punkte.{2}",
    "“{}” holds no points.": "„{0}“ enthält keine Punkte.",
    "“{}” is no point cloud.": "„{0}“ ist keine Punktwolke.",
    "“{}” is written.": "„{0}“ ist geschrieben.",
    # Looks and setups
    "Choose a file that was saved as one.": "Eine Datei wählen, die so gespeichert wurde.",
    "Choose another {}.": "Etwas anderes wählen ({0}).",
    "Close what uses it.": "Schließen, was es verwendet.",
    "Let it end in .json.": "Der Name muss auf .json enden.",
    "No cloud is active, so there is nothing to look at.": "Keine Punktwolke ist aktiv, also gibt es nichts anzusehen.",
    "Open the list again.": "Die Liste neu öffnen.",
    "Save it again.": "Neu speichern.",
    "The {} “{}” is kept.": "{0} „{1}“ ist gespeichert.",
    "The {} “{}” is removed.": "{0} „{1}“ ist entfernt.",
    "The {} “{}” is used and kept.": "{0} „{1}“ wird verwendet und ist gespeichert.",
    "The {} “{}” is used.": "{0} „{1}“ wird verwendet.",
    "There is no {} “{}”.": "{0} „{1}“ gibt es nicht.",
    "Update the add-on.": "Das Add-on aktualisieren.",
    "Use letters, digits and spaces.": "Buchstaben, Ziffern und Leerzeichen verwenden.",
    "look": "Aussehen",
    "setup": "Einstellung",
    "“{}” can't be the name of a {}.": "„{0}“ kann hier kein Name sein ({1}).",
    "“{}” in “{}” is nothing that a {} can have.": "„{0}“ in „{1}“ ist hier nicht möglich ({2}).",
    "“{}” is no {} of UNeR3D.": "„{0}“ ist keine solche Datei von UNeR3D ({1}).",
    "“{}” is of another version of the add-on.": "„{0}“ ist von einer anderen Version des Add-ons.",
    "“{}” names no {}.": "„{0}“ nennt nichts dieser Art ({1}).",
    # The engine
    "A job is running that needs the engine as it is.": "Ein Auftrag läuft, der die Engine so braucht, wie sie ist.",
    "Another Blender is changing the engine in “{}”.": "Ein anderes Blender ändert gerade die Engine in „{0}“.",
    "Blender was started with --offline-mode, so nothing can be downloaded.": (
        "Blender wurde mit --offline-mode gestartet, also kann nichts heruntergeladen werden."
    ),
    "Blender was started with --offline-mode, so nothing is downloaded.": (
        "Blender wurde mit --offline-mode gestartet, also wird nichts heruntergeladen."
    ),
    "Blender's online access is off, so nothing is downloaded.": (
        "Blenders Online-Zugriff ist aus, also wird nichts heruntergeladen."
    ),
    "Cancel the installation first.": "Zuerst die Installation abbrechen.",
    "Check the engine again; if that repeats, install it again.": (
        "Die Engine erneut prüfen; geschieht es wieder, sie neu installieren."
    ),
    "Check the engine in the preferences; its last lines are in “{}”.": (
        "Die Engine in den Einstellungen prüfen; ihre letzten Zeilen stehen in „{0}“."
    ),
    "Checking the engine": "Engine prüfen",
    "Choose a Python 3.11 or newer in the preferences.": "In den Einstellungen ein Python ab 3.11 wählen.",
    "Choose a Python 3.11 or newer under “Made From” in the add-on's preferences.": (
        "In den Einstellungen des Add-ons unter „Grundlage“ ein Python ab 3.11 wählen."
    ),
    "Choose a folder of yours in the preferences.": "In den Einstellungen einen eigenen Ordner wählen.",
    "Choose a newer Python in the preferences.": "In den Einstellungen ein neueres Python wählen.",
    "Choose an empty folder in the preferences, or a new one inside it.": (
        "In den Einstellungen einen leeren Ordner wählen oder einen neuen darin."
    ),
    "Choose another Python in the preferences.": "In den Einstellungen ein anderes Python wählen.",
    "Choose another build, or have pip use an index that has checksums.": (
        "Eine andere Ausführung wählen oder pip auf eine Quelle mit Prüfsummen einstellen."
    ),
    "Choose another build.": "Eine andere Ausführung wählen.",
    "Choose another folder in the preferences.": "In den Einstellungen einen anderen Ordner wählen.",
    "Choose one of {}.": "Eines von diesen wählen: {0}.",
    "Choose the Python of an environment that has uner3d and torch in the preferences.": (
        "In den Einstellungen das Python einer Umgebung mit uner3d und torch wählen."
    ),
    "Choose the folder in the preferences.": "Den Ordner in den Einstellungen wählen.",
    "Choosing the files": "Dateien auswählen",
    "Close other Blenders, and remove them again.": "Andere Blender schließen und erneut entfernen.",
    "Downloading": "Herunterladen",
    "Install Microsoft's Visual C++ runtime, or install the engine again.": (
        "Die Visual-C++-Laufzeit von Microsoft oder die Engine neu installieren."
    ),
    "Install again; if it is the add-on's own, install the add-on from its zip first.": (
        "Neu installieren; ist es die des Add-ons, zuerst das Add-on aus seinem Zip installieren."
    ),
    "Install again; if that repeats, choose another Python.": (
        "Neu installieren; geschieht es wieder, ein anderes Python wählen."
    ),
    "Install its driver, or choose another build.": "Ihren Treiber installieren oder eine andere Ausführung wählen.",
    "Install the add-on again, from its zip.": "Das Add-on neu installieren, aus seinem Zip.",
    "Install the driver, or choose another build.": "Den Treiber installieren oder eine andere Ausführung wählen.",
    "Install the engine again, or choose another Python in the preferences.": (
        "Die Engine neu installieren oder in den Einstellungen ein anderes Python wählen."
    ),
    "Install the engine again, so that both have the same version.": (
        "Die Engine neu installieren, damit beide dieselbe Version haben."
    ),
    "Install the zip, or install uner3d into an environment by hand and choose its Python.": (
        "Das Zip installieren, oder uner3d von Hand in eine Umgebung installieren und deren Python wählen."
    ),
    "Install torch into its environment, or choose another Python in the preferences.": (
        "torch in seine Umgebung installieren oder in den Einstellungen ein anderes Python wählen."
    ),
    "Install uner3d into its environment, or choose another Python in the preferences.": (
        "uner3d in seine Umgebung installieren oder in den Einstellungen ein anderes Python wählen."
    ),
    "Looking at Python": "Python ansehen",
    "Making the environment": "Umgebung erzeugen",
    "Most often the memory ran out: choose a lower preset, or fewer or smaller images.": (
        "Meist war der Speicher zu Ende: eine niedrigere Voreinstellung oder weniger oder kleinere Bilder wählen."
    ),
    "No AMD graphics card that ROCm can use was found.": (
        "Keine Grafikkarte von AMD gefunden, die ROCm verwenden kann."
    ),
    "No driver of an NVIDIA graphics card was found.": "Kein Treiber einer Grafikkarte von NVIDIA gefunden.",
    "Press “Install Engine” in the panel or in the add-on's preferences.": (
        "Im Panel oder in den Einstellungen des Add-ons „Engine installieren“ drücken."
    ),
    "Python {} on {} {}": "Python {0} auf {1} {2}",
    "Repair the engine.": "Die Engine reparieren.",
    "Resume it; what was downloaded is kept.": "Sie fortsetzen; was heruntergeladen wurde, ist noch da.",
    "Start Blender without it, or choose a Python of yours as the engine.": (
        "Blender ohne dies starten oder ein eigenes Python als Engine wählen."
    ),
    "Start the job again; if that repeats, choose a lower preset or another device.": (
        "Den Auftrag neu starten; geschieht es wieder, eine niedrigere Voreinstellung oder ein anderes Gerät wählen."
    ),
    "Switch on “Allow Online Access” in Blender's preferences, under System.": (
        "„Online-Zugriff erlauben“ in Blenders Einstellungen unter System einschalten."
    ),
    "That Python can't make an environment: {}.": "Dieses Python kann keine Umgebung erzeugen: {0}.",
    "The Python that the engine was made from is gone: “{}”.": (
        "Das Python, aus dem die Engine entstand, ist verschwunden: „{0}“."
    ),
    "The Python “{}” has no torch that works ({}).": "Das Python „{0}“ hat kein torch, das funktioniert ({1}).",
    "The Python “{}” has no uner3d_core.": "Das Python „{0}“ hat kein uner3d_core.",
    "The add-on's own wheel is not there, as it was not installed from its zip.": (
        "Das eigene Wheel des Add-ons fehlt, weil es nicht aus seinem Zip installiert wurde."
    ),
    "The add-on's own wheel is not there: “{}”.": "Das eigene Wheel des Add-ons fehlt: „{0}“.",
    "The downloads are removed.": "Das Heruntergeladene ist entfernt.",
    "The engine can't lie in “{}”: Blender removes that folder with the add-on.": (
        "Die Engine kann nicht in „{0}“ liegen: Blender entfernt diesen Ordner mit dem Add-on."
    ),
    "The engine ended without a result ({}){}": "Die Engine endete ohne Ergebnis ({0}){1}",
    "The engine hangs: it has said nothing for {} seconds.": (
        "Die Engine hängt: Sie hat seit {0} Sekunden nichts mitgeteilt."
    ),
    "The engine has uner3d {}, this add-on {}.": "Die Engine hat uner3d {0}, dieses Add-on {1}.",
    "The engine is being installed already.": "Die Engine wird bereits installiert.",
    "The engine is being installed.": "Die Engine wird gerade installiert.",
    "The engine is ready: torch {}, computing on {}.": "Die Engine ist bereit: torch {0}, rechnet auf {1}.",
    "The engine is ready: uner3d {}, torch {}.": "Die Engine ist bereit: uner3d {0}, torch {1}.",
    "The engine is removed.": "Die Engine ist entfernt.",
    "The engine speaks schema {} of the protocol (uner3d {}), this add-on {}.": (
        "Die Engine spricht Schema {0} des Protokolls (uner3d {1}), dieses Add-on {2}."
    ),
    "The engine was killed by the system{}": "Die Engine wurde vom System beendet{0}",
    "The engine's Python is gone: “{}”.": "Das Python der Engine ist verschwunden: „{0}“.",
    "The engine's installation was not finished.": "Die Installation der Engine wurde nicht beendet.",
    "The engine's record is damaged ({}).": "Der Eintrag der Engine ist beschädigt ({0}).",
    "The folder is in use": "Der Ordner wird verwendet",
    "The folder “{}” can't be written: {}.": "In den Ordner „{0}“ kann nicht geschrieben werden: {1}.",
    "There is no XPU build of torch for this computer.": "Für diesen Rechner gibt es keine XPU-Ausführung von torch.",
    "There is no build “{}”.": "Die Ausführung „{0}“ gibt es nicht.",
    "There is no engine of this add-on in “{}”: nothing was removed.": (
        "In „{0}“ ist keine Engine dieses Add-ons: Nichts wurde entfernt."
    ),
    "There is no engine yet.": "Es gibt noch keine Engine.",
    "There is no {}; the environment's own is used.": "{0} fehlt; verwendet wird das der Umgebung.",
    "This Blender does not tell where its Python is.": "Dieses Blender verrät nicht, wo sein Python ist.",
    "Unpacking": "Entpacken",
    "Update the engine.": "Die Engine aktualisieren.",
    "Wait for running jobs, close other Blenders, and remove it again.": (
        "Laufende Aufträge abwarten, andere Blender schließen und erneut entfernen."
    ),
    "Wait till it has finished.": "Warten, bis es fertig ist.",
    "Wait till it is ready.": "Warten, bis sie bereit ist.",
    "Windows could not load a library of the engine{}": "Windows konnte eine Bibliothek der Engine nicht laden{0}",
    "it gave no report": "sie gab keinen Bericht",
    "the processor alone": "dem Prozessor allein",
    "{} The files that were chosen before are used.": "{0} Verwendet werden die Dateien der früheren Auswahl.",
    "{} takes longer than {} seconds.": "{0} dauert länger als {1} Sekunden.",
    "“{}” can't be run: {}.": "„{0}“ kann nicht ausgeführt werden: {1}.",
    "“{}” can't run the engine: {}.": "„{0}“ kann die Engine nicht ausführen: {1}.",
    "“{}” did not answer within {} seconds.": "„{0}“ hat nicht innerhalb von {1} Sekunden geantwortet.",
    "“{}” from {} ({})": "„{0}“ von {1} ({2})",
    "“{}” from {} ({} {})": "„{0}“ von {1} ({2} {3})",
    "“{}” has no venv and ensurepip": "„{0}“ hat kein venv und ensurepip",
    "“{}” has {} GB free, and {} GB are needed": "„{0}“ hat {1} GB frei, nötig sind {2} GB",
    "“{}” has {} characters, of {} that are allowed": "„{0}“ hat {1} Zeichen, erlaubt sind {2}",
    "“{}” holds other things.": "„{0}“ enthält anderes.",
    "“{}” is Python {}; the engine needs 3.11 or newer.": "„{0}“ ist Python {1}; die Engine braucht 3.11 oder neuer.",
    "“{}” is a {}-bit {}; torch is made for the 64-bit CPython alone.": (
        "„{0}“ ist ein {2} mit {1} Bit; torch gibt es nur für CPython mit 64 Bit."
    ),
    "“{}” is no Python that an engine can be made from.": (
        "„{0}“ ist kein Python, aus dem eine Engine entstehen kann."
    ),
    "“{}” is no wheel, or is gone: {}.": "„{0}“ ist kein Wheel oder verschwunden: {1}.",
    "“{}” is not offered as a wheel": "„{0}“ wird nicht als Wheel angeboten",
    "“{}” is offered without a checksum, so it can't be told from a forged one.": (
        "„{0}“ wird ohne Prüfsumme angeboten und ist darum nicht von einer Fälschung zu unterscheiden."
    ),
    # What goes wrong while the engine is installed
    "A file arrived damaged, twice: {}.": "Eine Datei kam zweimal beschädigt an: {0}.",
    "A file can't be written: {}.": "Eine Datei kann nicht geschrieben werden: {0}.",
    "A file is no longer offered: {}.": "Eine Datei wird nicht mehr angeboten: {0}.",
    "A file is offered without encryption, which is refused: {}.": (
        "Eine Datei wird unverschlüsselt angeboten, was abgelehnt wird: {0}."
    ),
    "A path is longer than this system allows: {}.": "Ein Pfad ist länger, als dieses System erlaubt: {0}.",
    "A virus scanner holds a file back: {}.": "Ein Virenscanner hält eine Datei zurück: {0}.",
    "Allow the engine's folder in the virus scanner, and install again.": (
        "Den Ordner der Engine im Virenscanner erlauben und neu installieren."
    ),
    "Check the connection and install again; what was downloaded is kept.": (
        "Die Verbindung prüfen und neu installieren; was heruntergeladen wurde, ist noch da."
    ),
    "Check the proxy in the system's settings or the variable HTTPS_PROXY, and install again.": (
        "Den Proxy in den Systemeinstellungen oder in der Variablen HTTPS_PROXY prüfen und neu installieren."
    ),
    "Choose a folder of yours, and close other Blenders that use the engine.": (
        "Einen eigenen Ordner wählen und andere Blender schließen, die die Engine verwenden."
    ),
    "Choose a folder with a shorter path, or allow long paths in Windows.": (
        "Einen Ordner mit kürzerem Pfad wählen oder lange Pfade in Windows erlauben."
    ),
    "Free some space, or choose another folder, and install again.": (
        "Platz schaffen oder einen anderen Ordner wählen und neu installieren."
    ),
    "Have pip use sources with https, or a folder.": "pip auf Quellen mit https oder einen Ordner einstellen.",
    "In a company's network, set pip's option “cert” to the file of its certificates, and install again.": (
        "In einem Firmennetz die Option „cert“ von pip auf die Datei der Zertifikate setzen und neu installieren."
    ),
    "Install again: the files are chosen anew.": "Neu installieren: Die Dateien werden neu ausgewählt.",
    "Install again; if that repeats, a proxy or a virus scanner on the way changes files.": (
        "Neu installieren; geschieht es wieder, ändert ein Proxy oder Virenscanner unterwegs Dateien."
    ),
    "Install its module venv (on Debian and Ubuntu the package python3-venv), or choose another Python.": (
        "Sein Modul venv installieren (bei Debian und Ubuntu das Paket python3-venv) oder ein anderes Python wählen."
    ),
    "Make the engine with another Python, or choose another build.": (
        "Die Engine mit einem anderen Python erzeugen oder eine andere Ausführung wählen."
    ),
    "Most often the memory ran out: close other programs.": (
        "Meist war der Speicher zu Ende: andere Programme schließen."
    ),
    "Put them into the address that pip is configured with, and install again.": (
        "Beides in die Adresse schreiben, auf die pip eingestellt ist, und neu installieren."
    ),
    "The disk is full: {}.": "Die Festplatte ist voll: {0}.",
    "The network can't be reached: {}.": "Das Netz ist nicht erreichbar: {0}.",
    "The other side wants a name and a password: {}.": "Die Gegenseite verlangt Namen und Passwort: {0}.",
    "The other side's certificate is not trusted: {}.": "Dem Zertifikat der Gegenseite wird nicht vertraut: {0}.",
    "The proxy can't be reached or refuses: {}.": "Der Proxy ist nicht erreichbar oder lehnt ab: {0}.",
    "The whole of what was said is in “{}”.": "Der volle Wortlaut steht in „{0}“.",
    "Where pip looks, nothing fits this Python and computer: {}.": (
        "Wo pip sucht, passt nichts zu diesem Python und Rechner: {0}."
    ),
    "{} failed: {}.": "{0} ist fehlgeschlagen: {1}.",
    "{} was killed by the system.": "{0} wurde vom System beendet.",
    "The depth could not be rendered: {}": "Die Tiefe konnte nicht gerendert werden: {0}",
    "Choose another render engine, or another method.": "Eine andere Render-Engine oder ein anderes Verfahren wählen.",
    "No object with a surface is selected.": "Kein Objekt mit einer Oberfläche ist ausgewählt.",
    "Select the objects of the data set.": "Die Objekte des Datensatzes auswählen.",
    "Two objects would have the same folder “{}”.": "Zwei Objekte hätten denselben Ordner „{0}“.",
    "Rename one of them.": "Eines davon umbenennen.",
    "The objects can't be copied into “{}”: {}.": "Die Objekte können nicht nach „{0}“ kopiert werden: {1}.",
    "Data Set": "Datensatz",
    "“{}” has no surface that could be rendered.": "„{0}“ hat keine Oberfläche, die gerendert werden könnte.",
    "Choose an object with faces.": "Ein Objekt mit Flächen wählen.",
    "{} objects pictured.": "{0} Objekte abgebildet.",
    "Data set: picture {} of {}; Esc stops it": "Datensatz: Bild {0} von {1}; Esc hält an",
    "The data set is ready.": "Der Datensatz ist fertig.",
    "One cloud is no choice.": "Eine einzige Punktwolke ist keine Auswahl.",
    "Ask for 2 or more, or for one cloud at once.": "Zwei oder mehr verlangen, oder gleich eine Punktwolke.",
    "Imagine the clouds again.": "Die Punktwolken noch einmal erdenken.",
    "There is no cloud of seed {} to choose.": "Es gibt keine Punktwolke mit Startwert {0} zu wählen.",
    "There is no picture to imagine an object from.": "Es gibt kein Bild, aus dem ein Objekt erdacht werden könnte.",
    "Add one image, or switch one on and select it in the list.": "Ein Bild hinzufügen, oder eines einschalten und in der Liste auswählen.",
    "Choose an image.": "Ein Bild wählen.",
    "There is no sentence.": "Es gibt keinen Satz.",
    "Say in a few words what is to be made.": "In wenigen Worten sagen, was entstehen soll.",
    "Remove its row, or undo.": "Ihre Zeile entfernen oder rückgängig machen.",
    "{} clouds to choose from.": "{0} Punktwolken zur Auswahl.",
    "Point-E is OpenAI's; its code and weights are under the MIT licence.": "Point-E ist von OpenAI; Code und Gewichte stehen unter der MIT-Lizenz.",
    "Its model card does not recommend commercial use for now, and warns against uses where precision matters: shapes may be wrong where the picture hides them, and clouds have outliers and cracks. What it learned from may make its results biased.": "Die Modellkarte empfiehlt vorerst keine gewerbliche Nutzung und warnt vor Zwecken, die Genauigkeit brauchen: Formen können falsch sein, wo das Bild sie verdeckt, und Punktwolken haben Ausreißer und Risse. Woraus gelernt wurde, kann die Ergebnisse einseitig machen.",
    "CLIP ViT-L/14 is OpenAI's as well, under the MIT licence; its model card is for research, and advises against use in products without a study of the case.": "CLIP ViT-L/14 ist ebenfalls von OpenAI, unter der MIT-Lizenz; die Modellkarte gilt der Forschung und rät von Produkten ab, wenn der Fall nicht untersucht wurde.",
    "{} GB are downloaded into “{}”.": "{0} GB werden nach „{1}“ heruntergeladen.",
    "Agree and Fetch": "Einverstanden, holen",
    "The weights are there.": "Die Gewichte sind da.",
    "Add one picture of an object that stands alone, with alpha, a mask, or on white.": "Ein Bild eines Objekts hinzufügen, das allein steht: mit Alpha, einer Maske oder auf Weiß.",
    "Weights have changed since they were first used: {}. Fetch them anew.": "Gewichte haben sich seit dem ersten Gebrauch verändert: {0}. Sie neu holen.",
    "The engine lacks what Point-E needs: transformers, for its CLIP.": "Der Engine fehlt, was Point-E braucht: transformers für CLIP.",
    "The weights of “{}” are missing: {}, published by OpenAI.": "Die Gewichte von „{0}“ fehlen: {1}, veröffentlicht von OpenAI.",
    "Select the one picture to use, or switch the others off.": "Das eine Bild auswählen, das dienen soll, oder die anderen ausschalten.",
    "The weights of “{}” are there in part; {} in files are missing.": "Die Gewichte von „{0}“ sind zum Teil da; Dateien mit {1} fehlen.",
    "Weights of “{}” are there": "Gewichte von „{0}“ sind da",
    "Take {}": "{0} nehmen",
    "Resume Fetching": "Weiter holen",
    "{}, {} clouds to choose from": "{0}, {1} Punktwolken zur Auswahl",
    "Switch on “Allow Online Access” in Blender's preferences, under System, or name a folder that has the weights in the add-on's.": "„Online-Zugriff erlauben“ in Blenders Einstellungen unter System einschalten, oder in denen des Add-ons einen Ordner nennen, der die Gewichte hat.",
    "Weights are being fetched already.": "Gewichte werden bereits geholt.",
    "Wait for them, or cancel that.": "Darauf warten oder es abbrechen.",
    "Nothing was fetched, as licence and caution were not agreed to.": "Nichts wurde geholt, da Lizenz und Warnung nicht zugestimmt wurde.",
    "Read uner3d_core.point_e.weights.NOTICE, and say so by accept=True.": "uner3d_core.point_e.weights.NOTICE lesen und mit accept=True zustimmen.",
    "Start Blender without it, or name a folder that has the weights in the add-on's preferences.": "Blender ohne das starten, oder in den Einstellungen des Add-ons einen Ordner nennen, der die Gewichte hat.",
    "There is no extra “{}” of the engine.": "Einen Zusatz „{0}“ der Engine gibt es nicht.",
    "Choose among {}.": "Unter {0} wählen.",
    "It is downloaded into “{}”.": "Es wird nach „{0}“ heruntergeladen.",
    "The network is there.": "Das Netz ist da.",
    "The network “{}” is not there yet.": "Das Netz „{0}“ ist noch nicht da.",
    "The engine lacks what the networks that make masks need: ONNX Runtime.": "Der Engine fehlt, was Netze brauchen, die Masken machen: ONNX Runtime.",
}
"""English to German."""
