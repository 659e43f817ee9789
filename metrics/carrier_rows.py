"""Writes the rows of metrics/carrier.c: network codes and provider names.

usage: carrier_rows.py serviceproviders.xml carrier_rows.h

The first provider that lists a code owns it. Rows are sorted by code, as
text.
"""
import sys
import xml.etree.ElementTree


def read_names(path):
    names = {}
    for provider in xml.etree.ElementTree.parse(path).iter("provider"):
        name = (provider.findtext("name") or "").strip()
        for network in provider.iter("network-id"):
            code = network.get("mcc", "") + network.get("mnc", "")
            if name and code.isdecimal() and len(code) in (5, 6):
                names.setdefault(code, name)
    return names


def literal(name):
    escaped = "".join(
        chr(byte) if 32 <= byte < 127 and chr(byte) not in '"\\?'
        else "\\%03o" % byte
        for byte in name.encode())
    return '"%s"' % escaped


def main():
    source, target = sys.argv[1:]
    rows = sorted(read_names(source).items())
    if not rows:
        sys.exit("no network codes in " + source)
    with open(target, "w", encoding="ascii") as out:
        for code, name in rows:
            out.write('{"%s", %s},\n' % (code, literal(name)))


main()
