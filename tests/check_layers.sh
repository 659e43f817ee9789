#!/bin/sh
# Fails when an include breaks the layering http -> metrics -> engine, or when a
# third-party header leaves the files that wrap it.
cd "${1:-.}" || exit 1
status=0

includes() { # extended regex of headers, then folders or files to search
    headers=$1
    shift
    grep -rsE "^#include [<\"]($headers)" "$@"
}

forbid() { # folder, extended regex of headers it must not include
    if includes "$2" "$1"; then
        echo "^ not allowed in $1/" >&2
        status=1
    fi
}

only_in() { # the files that may include, separated by |; regex of headers
    if includes "$2" engine metrics http | grep -vE "^($1):"; then
        echo "^ allowed only in $1" >&2
        status=1
    fi
}

forbid engine 'metrics/|http/|uv\.h|llhttp\.h|(cjson/)?cJSON\.h'
forbid metrics 'http/|uv\.h|llhttp\.h'
only_in 'engine/store\.c' 'lmdb\.h'
only_in 'metrics/matcher\.cpp' 're2/.*'
only_in 'http/geoip\.c' 'maxminddb\.h'
only_in 'engine/zone\.c|metrics/(carrier|checksum|draft|identity|value)\.c' 'glib\.h'

exit $status
