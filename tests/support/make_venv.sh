#!/bin/sh
# Make the virtual environment FOLDER from the first Python of 3.11 or newer, and put `zhengban` and `zhengban-agent` into it.
# Nothing is built and nothing is downloaded here; the two programs run the checkout that this file lies in.
# Usage: make_venv.sh FOLDER [PYTHON]
set -eu

folder=$1
wanted=${2:-}

is_new_enough() {
    command -v "$1" >/dev/null 2>&1 && "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

can_make_venv() {
    "$1" -c 'import ensurepip, venv' >/dev/null 2>&1
}

find_python() {
    for candidate in ${wanted:-python3 python3.13 python3.12 python3.11 python3.14 python}; do
        if is_new_enough "$candidate"; then
            echo "$candidate"
            return 0
        fi
    done
    return 1
}

if ! python=$(find_python); then
    echo "No Python 3.11 or newer was found (looked for: ${wanted:-python3, python3.11 to python3.14})." >&2
    echo "Debian 12, Ubuntu 24.04 or newer:  apt-get install python3 python3-venv" >&2
    echo "or name one:                       make PYTHON=/path/to/python3" >&2
    exit 3
fi

if ! can_make_venv "$python"; then
    package="$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "Installing $package with apt-get: $python has no module venv"
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null
    else
        echo "$python cannot make a virtual environment: its module venv or ensurepip is missing." >&2
        echo "Run, then try again:  sudo apt-get install $package" >&2
        exit 3
    fi
fi

echo "Making $folder with $("$python" --version)"
"$python" -m venv --clear "$folder"

root=$(pwd)
site=$("$folder/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
printf '%s\n' "$root" >"$site/zhengban.pth"
for pair in zhengban:auditor zhengban-agent:agent; do
    program="$folder/bin/${pair%%:*}"
    printf '#!/bin/sh\nexec "%s/%s/bin/python" -m %s "$@"\n' "$root" "$folder" "${pair##*:}" >"$program"
    chmod 755 "$program"
done
