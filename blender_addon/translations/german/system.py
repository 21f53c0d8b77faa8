# SPDX-License-Identifier: GPL-3.0-or-later
"""What operating systems say when a file can't be read or written; sentences of ours quote it."""

SYSTEM = {
    "Directory not empty": "Der Ordner ist nicht leer",
    "File exists": "Die Datei gibt es schon",
    "File name too long": "Der Dateiname ist zu lang",
    "Is a directory": "Es ist ein Ordner",
    "No space left on device": "Die Festplatte ist voll",
    "No such file or directory": "Datei oder Ordner nicht gefunden",
    "Not a directory": "Es ist kein Ordner",
    "Permission denied": "Der Zugriff wird verweigert",
    "Read-only file system": "Das Dateisystem ist schreibgeschützt",
}
"""English to German."""
