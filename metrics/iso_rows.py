"""Writes rows {code, name} of an iso-codes list.

usage: iso_rows.py iso_3166-1.json|iso_639-2.json rows.h

Countries go by alpha_2 and their common name where they have one, languages
by alpha_2, else alpha_3, and the first of their names; a range of codes is
none. Rows are sorted by code.
"""
import json
import os
import sys


def literal(text):
    escaped = "".join(
        chr(byte) if 32 <= byte < 127 and chr(byte) not in '"\\?'
        else "\\%03o" % byte
        for byte in text.encode())
    return '"%s"' % escaped


def read_countries(entries):
    return {entry["alpha_2"]: entry.get("common_name") or entry["name"]
            for entry in entries}


def read_languages(entries):
    return {entry.get("alpha_2") or entry["alpha_3"]:
            entry["name"].split(";")[0].strip()
            for entry in entries if "-" not in entry["alpha_3"]}


READERS = {"3166-1": read_countries, "639-2": read_languages}


def main():
    source, target = sys.argv[1:]
    with open(source, encoding="utf-8") as file:
        lists = json.load(file)
    list_name, entries = next(iter(lists.items()))
    rows = sorted(READERS[list_name](entries).items())
    if not rows:
        sys.exit("no codes in " + os.path.basename(source))
    with open(target, "w", encoding="ascii") as out:
        for code, name in rows:
            out.write("{%s, %s},\n" % (literal(code), literal(name)))


main()
