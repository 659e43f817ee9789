"""Writes the files that Node runs as arrays of C.

usage: files.py files.h boot.js FILE.js...

js_boot is boot.js, for `node -e`; js_files is a JSON object that has the text
of each of the others under its name.
"""
import json
import os
import sys

COLUMNS = 16


def array(name, data):
    rows = [", ".join("0x%02x" % byte for byte in data[i:i + COLUMNS])
            for i in range(0, len(data), COLUMNS)]
    return "static const char %s[] = {\n    %s};\n" % (
        name, ",\n    ".join(rows))


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def main():
    target, boot, *paths = sys.argv[1:]
    files = {os.path.basename(path): read(path) for path in paths}
    texts = {"js_boot": read(boot), "js_files": json.dumps(files)}
    with open(target, "w", encoding="utf-8") as out:
        for name, text in texts.items():
            data = text.encode("ascii") + b"\0"
            out.write(array(name, data))


main()
