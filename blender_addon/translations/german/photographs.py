# SPDX-License-Identifier: GPL-3.0-or-later
"""Sentences of the core about photographs without cameras, videos and masks; beside those in ``core.py``."""

PHOTOGRAPHS = {
    # Stages
    "draw masks": "Masken zeichnen",
    "look at frames": "Einzelbilder ansehen",
    "write frames": "Einzelbilder schreiben",
    # Cameras
    "Give them alone to get that side, or take photographs every 10 to 15 degrees, each showing most of what the one before it showed.": (
        "Nur diese angeben, um jene Seite zu bekommen, oder alle 10 bis 15 Grad fotografieren, jedes Mal mit dem "
        "meisten von dem, was das Foto davor zeigte."
    ),
    "Only {} of {} photographs fit together, and show one side at most: {}.": (
        "Nur {0} von {1} Fotos passen zusammen und zeigen höchstens eine Seite: {2}."
    ),
    "The cameras that were estimated contradict the object's outlines, of which they leave {} % empty: what was recognised looks alike from several sides.": (
        "Die geschätzten Kameras widersprechen den Umrissen des Objekts, von denen sie {0} % leer lassen: Was "
        "wiedererkannt wurde, sieht von mehreren Seiten gleich aus."
    ),
    "Pictures can't be written to “{}”: {}.": "In „{0}“ können keine Bilder geschrieben werden: {1}.",
    # Videos
    "Choose a folder of images, or an mp4 or mov.": "Einen Ordner mit Bildern wählen, oder eine mp4 oder mov.",
    "Choose a video that is readable.": "Ein lesbares Video wählen.",
    "Choose one of them.": "Eines davon wählen.",
    "Copy or export it again, or save its frames as JPEG files.": (
        "Es neu kopieren oder exportieren, oder seine Einzelbilder als JPEG speichern."
    ),
    "Frames can't be written to “{}”: {}.": "In „{0}“ können keine Einzelbilder geschrieben werden: {1}.",
    "Install it there: pip install av. Or save the video's frames as JPEG files.": (
        "Es dort installieren: pip install av. Oder die Einzelbilder des Videos als JPEG speichern."
    ),
    "Leave the cameras out, and they are estimated; or give the frames as pictures.": (
        "Die Kameras weglassen, dann werden sie geschätzt; oder die Einzelbilder als Bilder angeben."
    ),
    "Make room on that disk.": "Auf jener Festplatte Platz schaffen.",
    "Next to nothing moves in “{}”.": "In „{0}“ bewegt sich so gut wie nichts.",
    "Save them as JPEG or PNG, or install what reads HEIC: pip install pi-heif.": (
        "Sie als JPEG oder PNG speichern, oder installieren, was HEIC liest: pip install pi-heif."
    ),
    "The frames of “{}” were chosen before.": "Die Einzelbilder von „{0}“ wurden schon einmal gewählt.",
    "There are {} videos in “{}”: {}.": "In „{1}“ sind {0} Videos: {2}.",
    "Walk around the object while filming, and keep it in the picture.": (
        "Beim Filmen um das Objekt herumgehen und es im Bild behalten."
    ),
    "“{}” can't be read: frame {} takes for ever.": "„{0}“ ist nicht lesbar: Einzelbild {1} dauert ewig.",
    "“{}” can't be read: the reader of videos failed (exit code {}).": (
        "„{0}“ ist nicht lesbar: Der Leser für Videos brach ab (Exit-Code {1})."
    ),
    "“{}” is a video, and “{}” lacks PyAV, which reads them.": (
        "„{0}“ ist ein Video, und „{1}“ fehlt PyAV, das sie liest."
    ),
    "“{}” is a video: its frames have no names to which cameras could belong.": (
        "„{0}“ ist ein Video: Seine Einzelbilder haben keine Namen, zu denen Kameras gehören könnten."
    ),
    "“{}” is longer than that: the rest was not looked at.": (
        "„{0}“ ist länger: Der Rest wurde nicht angesehen."
    ),
    "“{}” is neither a folder nor an image nor a video.": "„{0}“ ist weder Ordner noch Bild noch Video.",
    "“{}” is not a video that can be read, or is damaged.": (
        "„{0}“ ist kein lesbares Video oder ist beschädigt."
    ),
    "“{}”: {} of {} frames are used, the sharpest of each stretch of movement.": (
        "„{0}“: {1} von {2} Einzelbildern werden verwendet, das schärfste jedes Stücks der Bewegung."
    ),
    # Masks
    "Choose another place.": "Einen anderen Ort wählen.",
    "Choose another with --weights.": "Mit --weights einen anderen wählen.",
    "Fetch it again.": "Neu holen.",
    "Press “Fetch Network” in the panel, or use “uner3d weights get {}”.": (
        "„Netz holen“ im Panel drücken, oder „uner3d weights get {0}“ verwenden."
    ),
    "IS-Net (Qin et al. 2022), 179 MB, under the Apache licence 2.0; converted to ONNX by rembg. Finer contours than U²-Net's, and slower.": (
        "IS-Net (Qin u. a. 2022), 179 MB, unter der Apache-Lizenz 2.0; von rembg nach ONNX umgewandelt. Feinere "
        "Umrisse als U²-Net, und langsamer."
    ),
    "Press “Add Mask Networks to Engine” in the panel, or install it there: pip install onnxruntime.": (
        "„Maskennetze zur Engine hinzufügen“ im Panel drücken, oder es dort installieren: pip install onnxruntime."
    ),
    "Let it end in .png.": "Mit .png enden lassen.",
    "Masks: a trained network found the object in {} images that have none.": (
        "Masken: Ein trainiertes Netz fand das Objekt in {0} Bildern, die keine haben."
    ),
    "Masks: a trained network found the object in {} of {} pictures.": (
        "Masken: Ein trainiertes Netz fand das Objekt in {0} von {1} Bildern."
    ),
    "Masks: a trained network found the object in {} of {} pictures, the others have theirs.": (
        "Masken: Ein trainiertes Netz fand das Objekt in {0} von {1} Bildern, die anderen haben ihre."
    ),
    "Left out, as it found nothing there: {}.": "Weggelassen, da es dort nichts fand: {0}.",
    "Masks: {} of {} pictures have one.": "Masken: {0} von {1} Bildern haben eine.",
    "Remove it and fetch it again.": "Es entfernen und neu holen.",
    "Remove it; fetch it with “uner3d weights get {}”.": (
        "Es entfernen und mit „uner3d weights get {0}“ holen."
    ),
    "The folder “{}” can't be made: {}.": "Der Ordner „{0}“ kann nicht angelegt werden: {1}.",
    "There is no network “{}”.": "Es gibt kein Netz „{0}“.",
    "U²-Net (Qin et al. 2020), 176 MB, under the Apache licence 2.0; converted to ONNX by rembg.": (
        "U²-Net (Qin u. a. 2020), 176 MB, unter der Apache-Lizenz 2.0; von rembg nach ONNX umgewandelt."
    ),
    "“{}” can't be loaded: {}": "„{0}“ kann nicht geladen werden: {1}",
    "“{}” is no network that makes masks.": "„{0}“ ist kein Netz, das Masken macht.",
    "“{}” is not the published file.": "„{0}“ ist nicht die veröffentlichte Datei.",
    "“{}” lacks ONNX Runtime, which “{}” needs to make masks.": (
        "„{0}“ fehlt ONNX Runtime, das „{1}“ für Masken braucht."
    ),
    "“{}” names no picture.": "„{0}“ benennt kein Bild.",
}
"""English to German."""
