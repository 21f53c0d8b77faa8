# SPDX-License-Identifier: GPL-3.0-or-later
"""What Blender translates by itself: names and tooltips of operators, properties and panels."""

INTERFACE = {
    "0 is grey, 1 as in the pictures": "0 ist grau, 1 wie in den Bildern",
    "1 stands where the object just fits into the picture": (
        "Bei 1 stehen sie dort, wo das Objekt gerade ins Bild passt"
    ),
    "A graphics card of Intel": "Eine Grafikkarte von Intel",
    "A graphics card of NVIDIA or AMD": "Eine Grafikkarte von NVIDIA oder AMD",
    "A length": "Eine Länge",
    "A picture of the object": "Ein Bild des Objekts",
    "About This Input": "Über diese Eingabe",
    "About a minute: good for most clouds": "Etwa eine Minute: gut für die meisten Punktwolken",
    "Absolute": "Absolut",
    "Active Input": "Aktive Eingabe",
    "Add Cameras": "Kameras dazu",
    "Add Cameras Around": "Kameras ringsum hinzufügen",
    "Add Images": "Bilder dazu",
    "Add Images to UNeR3D": "Bilder zu UNeR3D hinzufügen",
    "Add Selected Cameras": "Ausgewählte Kameras hinzufügen",
    "All Images of Its Folder": "Alle Bilder seines Ordners",
    "Add the images that lie beside it too": "Auch die Bilder hinzufügen, die daneben liegen",
    "Add images, or a video, to the inputs; with no file selected, all images of the folder; with a "
    "transforms.json or a COLMAP model, the images that it names": (
        "Bilder oder ein Video zu den Eingaben hinzufügen; ohne ausgewählte Datei alle Bilder des Ordners; mit einer "
        "transforms.json oder einem COLMAP-Modell die Bilder, die darin genannt sind"
    ),
    "Add the selected cameras to the inputs; what they see will be rendered": (
        "Die ausgewählten Kameras zu den Eingaben hinzufügen; was sie sehen, wird gerendert"
    ),
    "All": "Alle",
    "Allow Online Access": "Online-Zugriff erlauben",
    "Also remove the jobs that wait": "Auch die wartenden Aufträge entfernen",
    "Also set the scene's resolution and pixel aspect to those of the first image, so that renders cover the "
    "images": (
        "Auch Auflösung und Pixelseitenverhältnis der Szene auf die des ersten Bildes setzen, damit "
        "gerenderte Bilder die Aufnahmen decken"
    ),
    "An object of yours, its z axis along the normal": "Ein eigenes Objekt, seine z-Achse längs der Normalen",
    "Apple Metal": "Apple Metal",
    "Arrangement": "Anordnung",
    "As pip is Configured": "Wie pip eingestellt ist",
    "Automatic": "Automatisch",
    "Balanced": "Ausgewogen",
    "Blender's own Python": "Blenders eigenes Python",
    "Bring this cloud into the scene; it can be resampled": (
        "Diese Punktwolke in die Szene holen; sie kann neu abgetastet werden"
    ),
    "By Confidence": "Nach Sicherheit",
    "CPU": "CPU",
    "CUDA": "CUDA",
    "CUDA or ROCm": "CUDA oder ROCm",
    "Camera": "Kamera",
    "Camera File": "Kameradatei",
    "Cameras": "Kameras",
    "Cameras are rendered at the scene's resolution, but no larger than this": (
        "Kameras werden in der Auflösung der Szene gerendert, aber nicht größer als so"
    ),
    "Cameras or images that show the object": "Kameras oder Bilder, die das Objekt zeigen",
    "Cancel": "Abbrechen",
    "Cancel All": "Alle abbrechen",
    "Cancel Installation": "Installation abbrechen",
    "Cancelling": "Wird abgebrochen",
    "Check Engine": "Engine prüfen",
    "Check Existing": "Vorhandene prüfen",
    "Check and warn on overwriting existing files": (
        "Prüfen und warnen, bevor vorhandene Dateien überschrieben werden"
    ),
    "Cloud": "Punktwolke",
    "Colours": "Farben",
    "Colours in Solid View": "Farbig in Massiv",
    "Confidence": "Sicherheit",
    "Convert to Mesh": "In Mesh umwandeln",
    "Copy Details": "Details kopieren",
    "Copy the details to the clipboard, as lines of text": "Die Details als Textzeilen in die Zwischenablage kopieren",
    "Cubes": "Würfel",
    "Cubes, aligned with the surface": "Würfel, an der Oberfläche ausgerichtet",
    "Deleted camera": "Gelöschte Kamera",
    "Density": "Dichte",
    "Details": "Details",
    "Device": "Gerät",
    "Discs": "Scheiben",
    "Discs that lie on the surface": "Scheiben, die auf der Oberfläche liegen",
    "Distance": "Abstand",
    "Distance between neighbours where all points are shown": (
        "Abstand zwischen Nachbarn, wenn alle Punkte gezeigt werden"
    ),
    "Distances between neighbours, which grow as fewer points are shown": (
        "Abstände zwischen Nachbarn; sie wachsen, wenn weniger Punkte gezeigt werden"
    ),
    "Dome": "Kuppel",
    "Download PyTorch and install it into a folder of its own, beside Blender. An installation that was cut "
    "goes on where it was": (
        "PyTorch herunterladen und in einen eigenen Ordner neben Blender installieren. Eine unterbrochene "
        "Installation geht dort weiter, wo sie war"
    ),
    "Draft": "Entwurf",
    "Elevation": "Höhenwinkel",
    "Elevation of the highest camera; 90° looks straight down": (
        "Höhenwinkel der obersten Kamera; bei 90° blickt sie senkrecht nach unten"
    ),
    "Elevation of the lowest camera; below 0 it looks up": (
        "Höhenwinkel der untersten Kamera; unter 0 blickt sie nach oben"
    ),
    "Elevation of the ring; 0 looks level": "Höhenwinkel des Rings; bei 0 blicken die Kameras waagerecht",
    "Engine": "Engine",
    "Engine Settings": "Einstellungen der Engine",
    "Evenly all around, between two elevations": "Gleichmäßig ringsum, zwischen zwei Höhenwinkeln",
    "Everything": "Alles",
    "Export Cloud": "Punktwolke exportieren",
    "Exposure": "Belichtung",
    "Faces": "Flächen",
    "Field": "Feld",
    "Figures": "Zahlen",
    "File of the cameras that were estimated; empty where they were known": (
        "Datei der geschätzten Kameras; leer, wo sie bekannt waren"
    ),
    "File Path": "Dateipfad",
    "File of the fitted field; empty for an imported cloud": (
        "Datei des angepassten Feldes; leer bei einer importierten Punktwolke"
    ),
    "Files": "Dateien",
    "Final": "Endergebnis",
    "Folder": "Ordner",
    "For AMD's graphics cards": "Für Grafikkarten von AMD",
    "For Intel's graphics cards": "Für Grafikkarten von Intel",
    "For NVIDIA's graphics cards, of the version that their driver can run": (
        "Für Grafikkarten von NVIDIA, in der Version, die ihr Treiber ausführen kann"
    ),
    "From File": "Aus Datei",
    "Go on with the jobs that wait": "Mit den wartenden Aufträgen fortfahren",
    "Highest": "Höchste",
    "How a cloud is shown": "Wie eine Punktwolke gezeigt wird",
    "How a reconstruction is made": "Wie rekonstruiert wird",
    "How large the object is made, at the 3D cursor, when the images' cameras are estimated, which tells "
    "no size": (
        "Wie groß das Objekt wird, am 3D-Cursor, wenn die Kameras der Bilder geschätzt werden, was keine "
        "Größe verrät"
    ),
    "How many": "Wie viele",
    "How many triangles; 0 takes the number set for the cloud": (
        "Wie viele Dreiecke; 0 nimmt die Zahl, die bei der Punktwolke eingestellt ist"
    ),
    "How many; 0 takes the number set for the cloud": (
        "Wie viele; 0 nimmt die Zahl, die bei der Punktwolke eingestellt ist"
    ),
    "How much smaller points are that are less sure": "Wie viel kleiner Punkte sind, die weniger sicher sind",
    "How much time to spend": "Wie viel Zeit verwendet wird",
    "Image": "Bild",
    "Import Cloud": "Punktwolke importieren",
    "Import Result": "Ergebnis importieren",
    "In Renders": "Beim Rendern",
    "Inputs": "Eingaben",
    "Install Engine": "Engine installieren",
    "Instead of the installed engine: the Python of an environment that has uner3d and torch, such as "
    "…/venv/bin/python": (
        "Statt der installierten Engine: das Python einer Umgebung mit uner3d und torch, etwa "
        "…/venv/bin/python"
    ),
    "Intel XPU": "Intel XPU",
    "Is a Cloud": "Ist eine Punktwolke",
    "Jobs": "Aufträge",
    "Keep": "Behalten",
    "Keep Preview": "Übernehmen",
    "Keep Preview on Cancel": "Vorschau beim Abbrechen behalten",
    "Keep This Look": "Dieses Aussehen behalten",
    "Keep This Setup": "Diese Einstellung behalten",
    "Keep the settings as they are under a name; one of that name is replaced": (
        "Die jetzigen Einstellungen unter einem Namen behalten; was so heißt, wird ersetzt"
    ),
    "Kind": "Art",
    "Let the scene's lamps light the points. The pictures' light is in the colours already": (
        "Die Lampen der Szene beleuchten die Punkte. Das Licht der Bilder ist schon in den Farben"
    ),
    "List Results": "Ergebnisse auflisten",
    "Lit by the Scene": "Szenenlicht",
    "Longest Side": "Längste Seite",
    "Look": "Aussehen",
    "Look before the run how the object is told from its background in each image, on one sheet; Blender "
    "goes on meanwhile": (
        "Vor dem Lauf auf einem Bogen ansehen, wie das Objekt in jedem Bild vom Hintergrund "
        "unterschieden wird; Blender läuft währenddessen weiter"
    ),
    "Look for the results of earlier jobs, of this file and of others, and forget those that have none": (
        "Ergebnisse früherer Aufträge suchen, dieser und anderer Dateien, und Aufträge ohne Ergebnis vergessen"
    ),
    "Looks": "Aussehen",
    "Looks of clouds that were kept": "Behaltenes Aussehen von Punktwolken",
    "Lowest": "Niedrigste",
    "Made From": "Grundlage",
    "Make a camera around the cloud for each image whose camera was estimated, with the image behind it; "
    "they go with the cloud when it is moved or scaled": (
        "Um die Punktwolke eine Kamera für jedes Bild erzeugen, dessen Kamera geschätzt wurde, mit dem "
        "Bild dahinter; sie gehen mit, wenn die Punktwolke bewegt oder skaliert wird"
    ),
    "Make a camera in the scene for each image whose camera is known, with the image behind it; they are put "
    "into a collection of their own": (
        "Für jedes Bild mit bekannter Kamera eine Kamera in der Szene erzeugen, mit dem Bild dahinter; sie "
        "kommen in eine eigene Sammlung"
    ),
    "Make a cloud of what is shown so far; the job goes on": (
        "Aus dem bisher Gezeigten eine Punktwolke machen; der Auftrag läuft weiter"
    ),
    "Make a coloured point cloud from the inputs": "Aus den Eingaben eine farbige Punktwolke machen",
    "Make a mesh of the surface, in the cloud's colours, from the fitted field; the cloud stays, hidden": (
        "Aus dem angepassten Feld ein Mesh der Oberfläche machen, in den Farben der Punktwolke; diese bleibt, "
        "ausgeblendet"
    ),
    "Make cameras all around the selected objects, and add them to the inputs": (
        "Kameras rings um die ausgewählten Objekte erzeugen und zu den Eingaben hinzufügen"
    ),
    "Make real geometry, whose colours Solid view shows when its Color is set to Attribute; slower with very "
    "many points": (
        "Echte Geometrie erzeugen, deren Farben die Ansicht „Massiv“ zeigt, wenn ihre Farbe auf Attribut "
        "steht; langsamer bei sehr vielen Punkten"
    ),
    "Make the engine anew; what was downloaded is used again": (
        "Die Engine neu erzeugen; was heruntergeladen wurde, wird wieder verwendet"
    ),
    "Mask Folder": "Maskenordner",
    "Masks named like the images, white where the object is; empty where the images have alpha, or where the "
    "whole scene is wanted": (
        "Masken, die wie die Bilder heißen, weiß, wo das Objekt ist; leer, wenn die Bilder Alpha haben oder "
        "die ganze Szene gewünscht ist"
    ),
    "Maximum Size": "Max. Größe",
    "Minutes: as good as the pictures allow": "Minuten: so gut, wie die Bilder es erlauben",
    "Name": "Name",
    "Name of the job's folder": "Name des Auftragsordners",
    "Not installed": "Nicht installiert",
    "Number of points in the cloud": "Anzahl der Punkte in der Punktwolke",
    "Number of points to sample anew from the fitted field, without the pictures": (
        "Anzahl der Punkte, die aus dem angepassten Feld neu abgetastet werden, ohne die Bilder"
    ),
    "Number of triangles of a mesh of the surface; with twice as many as there are points the colours are as "
    "sharp": (
        "Anzahl der Dreiecke eines Meshs der Oberfläche; mit doppelt so vielen, wie es Punkte gibt, sind die "
        "Farben ebenso scharf"
    ),
    "Number of views the cloud was made from": "Anzahl der Ansichten, aus denen die Punktwolke entstand",
    "Object": "Objekt",
    "Open Sheet": "Bogen öffnen",
    "Open the sheet of masks in a window of its own": "Den Bogen mit den Masken in einem eigenen Fenster öffnen",
    "Points": "Punkte",
    "Points that are less sure are not shown: 0 shows guesses too, towards 1 only what many views agreed on": (
        "Weniger sichere Punkte werden nicht gezeigt: 0 zeigt auch Vermutungen, gegen 1 nur, worin viele "
        "Ansichten übereinstimmten"
    ),
    "Preset": "Voreinstellung",
    "PyTorch Build": "PyTorch-Ausführung",
    "Python of Yours": "Eigenes Python",
    "ROCm": "ROCm",
    "Radius": "Radius",
    "Radius of a point in distances between neighbours; 0.9 covers the surface": (
        "Radius eines Punkts in Abständen zwischen Nachbarn; 0,9 bedeckt die Oberfläche"
    ),
    "Radius of a point, half the edge of a cube": "Radius eines Punkts, halbe Kante eines Würfels",
    "Read a point cloud, of this add-on or another program, from a PLY or NPZ file": (
        "Eine Punktwolke, von diesem Add-on oder einem anderen Programm, aus einer PLY- oder NPZ-Datei lesen"
    ),
    "Reconstruct": "Rekonstruieren",
    "Reconstruct After This": "Danach rekonstruieren",
    "Relative": "Relativ",
    "Remove": "Entfernen",
    "Remove Downloads": "Heruntergeladenes entfernen",
    "Remove Inputs": "Eingaben entfernen",
    "Remove Result": "Ergebnis entfernen",
    "Remove Unusable Rows": "Unbrauchbare Zeilen entfernen",
    "Remove all rows": "Alle Zeilen entfernen",
    "Remove from Queue": "Aus der Warteschlange entfernen",
    "Remove the files that the engine was made from; only Repair would use them again": (
        "Die Dateien entfernen, aus denen die Engine entstand; nur „Reparieren“ würde sie wieder verwenden"
    ),
    "Remove the installed engine with all that was downloaded for it": (
        "Die installierte Engine entfernen, mit allem, was für sie heruntergeladen wurde"
    ),
    "Remove the rows whose camera was deleted or is no perspective one, or whose image is gone or can't be "
    "read": (
        "Die Zeilen entfernen, deren Kamera gelöscht wurde oder nicht perspektivisch ist oder deren Bild "
        "verschwunden oder nicht lesbar ist"
    ),
    "Remove the selected row from the inputs. The camera or image itself stays": (
        "Die ausgewählte Zeile aus den Eingaben entfernen. Kamera oder Bild selbst bleiben"
    ),
    "Remove this job before its turn comes": "Diesen Auftrag entfernen, bevor er an die Reihe kommt",
    "Remove this result from the disk. Clouds made of it stay, but can't be resampled any more": (
        "Dieses Ergebnis von der Festplatte entfernen. Punktwolken daraus bleiben, können aber nicht mehr neu "
        "abgetastet werden"
    ),
    "Remove what was kept under this name from the disk; clouds that use it stay as they are": (
        "Was unter diesem Namen behalten wurde, von der Festplatte entfernen; Punktwolken, die es verwenden, "
        "bleiben, wie sie sind"
    ),
    "Repair": "Reparieren",
    "Repair Engine": "Engine reparieren",
    "Replace the points by another number of them, from the fitted field, without the pictures": (
        "Die Punkte durch eine andere Anzahl ersetzen, aus dem angepassten Feld, ohne die Bilder"
    ),
    "Resample": "Neu abtasten",
    "Resample and Mesh": "Neu abtasten und Mesh",
    "Results, the newest first": "Ergebnisse, das neueste zuerst",
    "Resume Installation": "Installation fortsetzen",
    "Ring": "Ring",
    "Round points, the fastest": "Runde Punkte, am schnellsten",
    "Row": "Zeile",
    "Run Jobs": "Aufträge ausführen",
    "Saturation": "Sättigung",
    "Scale the cloud so that two points of it are as far apart as they truly are. Select the two in edit "
    "mode; or put two empties on the cloud, and select them and then the cloud": (
        "Die Punktwolke so skalieren, dass zwei ihrer Punkte so weit auseinanderliegen wie in "
        "Wirklichkeit. Die beiden im Bearbeitungsmodus auswählen; oder zwei Empties auf die Punktwolke "
        "setzen und erst sie, dann die Punktwolke auswählen"
    ),
    "Seconds that the reconstruction took": "Sekunden, die die Rekonstruktion dauerte",
    "Seconds: see whether the pictures and cameras fit together": (
        "Sekunden: zeigt, ob Bilder und Kameras zusammenpassen"
    ),
    "Seed": "Startwert",
    "Set Measured Distance": "Gemessenen Abstand setzen",
    "Set Render Size": "Rendergröße setzen",
    "Setup": "Einstellung",
    "Setups": "Einstellungen",
    "Setups of reconstructions that were kept": "Behaltene Einstellungen von Rekonstruktionen",
    "Shape": "Form",
    "Share of the points shown in renders": "Anteil der Punkte, die beim Rendern gezeigt werden",
    "Share of the points shown in the viewport; a lower one shows some of the same points, evenly spread. Of "
    "clouds with more than 2 million points, 2 million are shown at first": (
        "Anteil der Punkte, die im Ansichtsfenster gezeigt werden; ein kleinerer zeigt einige derselben "
        "Punkte, gleichmäßig verteilt. Von Punktwolken mit mehr als 2 Millionen Punkten werden zunächst "
        "2 Millionen gezeigt"
    ),
    "Show Cameras": "Kameras anzeigen",
    "Show Colours": "Farben anzeigen",
    "Show Estimated Cameras": "Geschätzte Kameras zeigen",
    "Show Masks": "Masken zeigen",
    "Side by side at one elevation": "Nebeneinander auf einem Höhenwinkel",
    "Size": "Größe",
    "Spacing": "Punktabstand",
    "Spheres": "Kugeln",
    "Spheres of real geometry": "Kugeln aus echter Geometrie",
    "Spiral": "Spirale",
    "Stands at each point; 1 m of it becomes one radius": "Steht an jedem Punkt; 1 m davon wird zu einem Radius",
    "Start the engine's Python and see whether it has all it needs; takes a few seconds": (
        "Das Python der Engine starten und nachsehen, ob es alles Nötige hat; dauert einige Sekunden"
    ),
    "Starting the engine": "Die Engine startet",
    "Stop drawing the masks": "Das Zeichnen der Masken beenden",
    "Stop the installation; what was downloaded is kept for the next time": (
        "Die Installation beenden; was heruntergeladen wurde, bleibt für das nächste Mal"
    ),
    "Stop the running job; the scene stays as it is, and the next job begins": (
        "Den laufenden Auftrag beenden; die Szene bleibt, wie sie ist, und der nächste Auftrag beginnt"
    ),
    "Stops by which the colours are brighter than those of the pictures": (
        "Blendenstufen, um die die Farben heller sind als die der Bilder"
    ),
    "Switch this viewport to Material Preview, which shows clouds and their meshes in their colours, and for a "
    "cloud its outlines of what is selected off, which would cover the points": (
        "Dieses Ansichtsfenster auf die Materialvorschau umschalten, die Punktwolken und ihre Meshes in ihren "
        "Farben zeigt, und bei einer Punktwolke die Umrisse des Ausgewählten ausschalten, die die Punkte "
        "verdecken würden"
    ),
    "True distance of the two points": "Wahrer Abstand der beiden Punkte",
    "Try Again": "Erneut versuchen",
    "Put this job into the queue once more, with the settings that it had": (
        "Diesen Auftrag mit seinen damaligen Einstellungen noch einmal einreihen"
    ),
    "Number": "Nummer",
    "Which of this session's jobs": "Welcher der Aufträge dieser Sitzung",
    "It was made from its scene: to try again, open that file, and start it there.": (
        "Er entstand aus seiner Szene: für einen neuen Versuch diese Datei öffnen und ihn dort starten."
    ),
    "Steps": "Schritte",
    "Remove from List": "Aus der Liste entfernen",
    "Take this job, which brought nothing into the scene, off the list": (
        "Diesen Auftrag, der nichts in die Szene brachte, aus der Liste nehmen"
    ),
    "Dismiss": "Ausblenden",
    "Show this no longer": "Dies nicht mehr zeigen",
    "Result of UNeR3D": "Ergebnis von UNeR3D",
    "Make an undo step of a job's result": "Aus dem Ergebnis eines Auftrags einen Rückgängig-Schritt machen",
    "Mesh of a Cloud": "Mesh einer Punktwolke",
    "Is a Mesh of a Cloud": "Ist das Mesh einer Punktwolke",
    "Whether the object is a cloud's surface": "Ob das Objekt die Oberfläche einer Punktwolke ist",
    "The file that is read": "Die Datei, die gelesen wird",
    "The file that is written": "Die Datei, die geschrieben wird",
    "The fastest that the engine finds": "Das schnellste, das die Engine findet",
    "The graphics of a Mac": "Die Grafik eines Macs",
    "The installed engine": "Die installierte Engine",
    "The job's folder": "Der Ordner des Auftrags",
    "The processor, which every computer has": "Der Prozessor, den jeder Rechner hat",
    "The Python that the engine is made from, 3.11 or newer; empty: Blender's own": (
        "Das Python, aus dem die Engine entsteht, 3.11 oder neuer; leer: Blenders eigenes"
    ),
    "The same inputs and seed give the same cloud on the same device": (
        "Gleiche Eingaben und gleicher Startwert ergeben auf demselben Gerät dieselbe Punktwolke"
    ),
    "Refine Cameras": "Kameras verfeinern",
    "Correct the cameras of the images, and their focal lengths, where they are a little off; "
    "those that fit the images stay as they are": (
        "Die Kameras der Bilder und ihre Brennweiten berichtigen, wo sie etwas danebenliegen; "
        "solche, die zu den Bildern passen, bleiben, wie sie sind"
    ),
    "The selected row of the inputs": "Die ausgewählte Zeile der Eingaben",
    "The smallest; for computers without a graphics card that PyTorch can use": (
        "Die kleinste; für Rechner ohne Grafikkarte, die PyTorch verwenden kann"
    ),
    "Three times around, from the lower elevation to the higher": "Dreimal herum, vom unteren Höhenwinkel zum oberen",
    "Time": "Zeit",
    "To File": "In Datei",
    "UNeR3D Cloud (.ply, .npz)": "UNeR3D-Punktwolke (.ply, .npz)",
    "UNeR3D inputs": "Eingaben für UNeR3D",
    "Unusable": "Unbrauchbare",
    "Update Engine": "Engine aktualisieren",
    "Use": "Verwenden",
    "Use the settings in a file that somebody has shared, and keep them under its name": (
        "Die Einstellungen aus einer weitergegebenen Datei verwenden und unter ihrem Namen behalten"
    ),
    "Use the settings that were kept under this name": (
        "Die Einstellungen verwenden, die unter diesem Namen behalten wurden"
    ),
    "Views": "Ansichten",
    "What fits the graphics card and its driver, or what pip is configured to use": (
        "Was zur Grafikkarte und ihrem Treiber passt oder worauf pip eingestellt ist"
    ),
    "What is kept: how a cloud is shown, or how a reconstruction is made": (
        "Was behalten wird: wie eine Punktwolke gezeigt oder wie rekonstruiert wird"
    ),
    "What is known about this camera or image": "Was über diese Kamera oder dieses Bild bekannt ist",
    "What it is called": "Wie es heißt",
    "What it sees is rendered": "Was sie sieht, wird gerendert",
    "What pip finds where it is configured to look": "Was pip dort findet, wo es suchen soll",
    "What stands at each point": "Was an jedem Punkt steht",
    "What the engine computes on": "Worauf die Engine rechnet",
    "What the engine told about the run, as JSON": "Was die Engine über den Lauf mitgeteilt hat, als JSON",
    "What the radius is measured in": "Worin der Radius gemessen wird",
    "When a job is cancelled, the early cloud that it shows becomes an object": (
        "Wird ein Auftrag abgebrochen, wird die vorläufige Punktwolke, die er zeigt, zu einem Objekt"
    ),
    "Where the cameras stand": "Wo die Kameras stehen",
    "Where the engine is installed: a folder of its own, which takes 1 to 10 GB": (
        "Wo die Engine installiert ist: ein eigener Ordner, der 1 bis 10 GB belegt"
    ),
    "Whether the next run uses this camera or image": "Ob der nächste Lauf diese Kamera oder dieses Bild verwendet",
    "Whether this add-on made the object": "Ob dieses Add-on das Objekt erzeugt hat",
    "Which PyTorch is installed": "Welches PyTorch installiert wird",
    "Which row of the inputs": "Welche Zeile der Eingaben",
    "Write all points of the active cloud to a PLY file, in world coordinates": (
        "Alle Punkte der aktiven Punktwolke in eine PLY-Datei schreiben, in Weltkoordinaten"
    ),
    "Write the settings as they are to a file that can be shared": (
        "Die jetzigen Einstellungen in eine Datei schreiben, die sich weitergeben lässt"
    ),
    "transforms.json or a COLMAP model with the images' cameras; empty where it lies beside the images": (
        "transforms.json oder ein COLMAP-Modell mit den Kameras der Bilder; leer, wenn es bei den Bildern liegt"
    ),
    "Make Data Set": "Datensatz erstellen",
    "Picture each selected object alone from all sides, with depth, and write pictures, cameras and a dense coloured cloud of it to a folder; Esc stops it": "Jedes ausgewählte Objekt allein von allen Seiten mit Tiefe abbilden und Bilder, Kameras und eine dichte farbige Punktwolke davon in einen Ordner schreiben; Esc hält an",
    "Gets a folder for each object": "Erhält einen Ordner für jedes Objekt",
    "Around each object": "Rings um jedes Objekt",
    "Width and height of the pictures": "Breite und Höhe der Bilder",
    "Of each cloud": "Jeder Punktwolke",
    "Without Light": "Ohne Licht",
    "Render the colours of textures without light, by Workbench": "Die Farben der Texturen ohne Licht rendern, mit Workbench",
    "Method": "Verfahren",
    "How the cloud is made": "Wie die Punktwolke entsteht",
    "UNeR3D": "UNeR3D",
    "Fits a surface to pictures from many cameras": "Passt eine Oberfläche an Bilder vieler Kameras an",
    "Point-E": "Point-E",
    "Depth": "Tiefe",
    "Takes the depth that a renderer tells of each pixel; exact, and needs no fitting": "Nimmt die Tiefe, die ein Renderer zu jedem Pixel angibt; genau, und ohne Anpassung",
    "Render the colours of textures without light and shadow, by Workbench, in a fraction of the time; what a texture does not colour has its viewport colour": "Die Farben der Texturen ohne Licht und Schatten rendern, mit Workbench, in einem Bruchteil der Zeit; was keine Textur färbt, hat seine Farbe im Ansichtsfenster",
    "Choose a cloud": "Eine Punktwolke wählen",
    "Add Point-E to Engine": "Point-E zur Engine hinzufügen",
    "Make the engine anew with what the method Point-E needs: transformers, for its CLIP, some 100 MB; what was downloaded is used again": "Die Engine neu anlegen, mit dem, was das Verfahren Point-E braucht: transformers für CLIP, etwa 100 MB; Heruntergeladenes wird wieder verwendet",
    "Take": "Nehmen",
    "Find this cloud's surface, and make a cloud with as many points as set of it": "Die Oberfläche dieser Punktwolke ermitteln und daraus eine Punktwolke mit so vielen Punkten wie eingestellt machen",
    "Which of the clouds": "Welche der Punktwolken",
    "Dismiss Clouds": "Punktwolken verwerfen",
    "Let these clouds go; those that were taken stay": "Diese Punktwolken verwerfen; die genommenen bleiben",
    "Fetch Weights": "Gewichte holen",
    "Download what is missing of the trained networks' weights, after showing their licence; what was cut goes on where it was, and what has changed is fetched anew": "Herunterladen, was von den Gewichten der trainierten Netze fehlt, nachdem deren Lizenz gezeigt wurde; Unterbrochenes geht weiter, wo es war, und Verändertes wird neu geholt",
    "I Agree": "Einverstanden",
    "I have read licence and caution, and agree": "Lizenz und Warnung sind gelesen, ich bin einverstanden",
    "Network": "Netz",
    "For the first points; empty: that of the scene's settings": "Für die ersten Punkte; leer: das der Einstellungen der Szene",
    "Cancel Fetching": "Holen abbrechen",
    "Stop fetching; what has come is kept for the next time": "Das Holen beenden; was gekommen ist, bleibt für das nächste Mal",
    "Imagines the whole object from one picture or a sentence, by trained networks": "Erdenkt das ganze Objekt aus einem Bild oder einem Satz, mit trainierten Netzen",
    "From": "Aus",
    "What the object is imagined from": "Woraus das Objekt erdacht wird",
    "Picture": "Bild",
    "The picture of the inputs; of several, the selected one": "Das Bild der Eingaben; von mehreren das ausgewählte",
    "Sentence": "Satz",
    "A few English words that say what it is": "Ein paar englische Wörter, die sagen, was es ist",
    "What is to be imagined, in English, such as “a red motorcycle”": "Was erdacht werden soll, auf Englisch, etwa „a red motorcycle“",
    "Which of the trained networks makes the first points": "Welches der trainierten Netze die ersten Punkte macht",
    "Best There Is": "Bestes vorhandenes",
    "The largest whose weights are there, for a picture or for a sentence": "Das größte, dessen Gewichte vorhanden sind, für ein Bild oder für einen Satz",
    "base40M-textvec": "base40M-textvec",
    "base40M-imagevec": "base40M-imagevec",
    "base40M": "base40M",
    "base300M": "base300M",
    "base1B": "base1B",
    "From a sentence; 161 MB": "Aus einem Satz; 161 MB",
    "From a picture, told of it in one vector; 161 MB": "Aus einem Bild, das ihm ein einziger Vektor beschreibt; 161 MB",
    "From a picture; 162 MB": "Aus einem Bild; 162 MB",
    "From a picture, better and slower; 1.2 GB": "Aus einem Bild, besser und langsamer; 1,2 GB",
    "From a picture, the best and the slowest; 5 GB": "Aus einem Bild, am besten und am langsamsten; 5 GB",
    "Clouds": "Punktwolken",
    "How many are imagined at once, each from its own seed, to choose one from": "Wie viele zugleich erdacht werden, jede aus ihrem eigenen Startwert, um eine zu wählen",
    "With Point-E": "Mit Point-E",
    "Also install what the method Point-E needs: transformers, for its CLIP, some 100 MB": "Auch installieren, was das Verfahren Point-E braucht: transformers für CLIP, etwa 100 MB",
    "Weights of Point-E": "Gewichte von Point-E",
    "Folder of the trained networks' weights, about 2 to 9 GB: where they are fetched to, or one of yours that has them": "Ordner der Gewichte der trainierten Netze, etwa 2 bis 9 GB: wohin sie geholt werden, oder ein eigener, der sie hat",
    "Add Mask Networks to Engine": "Maskennetze zur Engine hinzufügen",
    "Make the engine anew with what the networks that make masks need: ONNX Runtime, some 20 MB; what was downloaded is used again": "Die Engine neu anlegen, mit dem, was Netze brauchen, die Masken machen: ONNX Runtime, etwa 20 MB; Heruntergeladenes wird wieder verwendet",
    "Fetch Network": "Netz holen",
    "Download the trained network that makes the masks, after showing who made it and its licence; what was cut goes on where it was": "Das trainierte Netz herunterladen, das die Masken macht, nachdem gezeigt wurde, von wem es ist und unter welcher Lizenz; Unterbrochenes geht weiter, wo es war",
    "Which of the networks": "Welches der Netze",
    "U²-Net": "U²-Net",
    "IS-Net": "IS-Net",
    "Mask Network": "Maskennetz",
    "A trained network that makes the masks of images which have none": "Ein trainiertes Netz, das die Masken der Bilder macht, die keine haben",
    "No Network": "Kein Netz",
    "Without masks, the whole scene that the images show is reconstructed": "Ohne Masken wird die ganze Szene rekonstruiert, die die Bilder zeigen",
    "Finds what stands out in each image; 176 MB are fetched once": "Findet, was in jedem Bild hervortritt; 176 MB werden einmal geholt",
    "Likewise, with finer contours, and slower; 179 MB are fetched once": "Ebenso, mit feineren Konturen, und langsamer; 179 MB werden einmal geholt",
    "With Mask Networks": "Mit Maskennetzen",
    "Also install what the networks that make masks need: ONNX Runtime, some 20 MB": "Auch installieren, was Netze brauchen, die Masken machen: ONNX Runtime, etwa 20 MB",
}
"""English to German."""
