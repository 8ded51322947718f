# What setup/demo, setup/test and setup/odoo share: a running Odoo 19 from nothing.
# Sourced, not run. Everything fetched or created lies in one folder that git ignores.
#
# Variables that take something you already have (all optional):
#   MLM_STATE    folder for everything fetched or created      (default: .runtime in this checkout)
#   MLM_ODOO     an Odoo 19 source tree or installed package   (default: Debian's package, unpacked)
#   MLM_VENV     a virtual environment with Odoo's packages    (default: one made in MLM_STATE)
#   MLM_PYTHON   the Python 3.11+ to make that environment of  (default: python3)
#   PGHOST, PGPORT, PGUSER, PGPASSWORD   a PostgreSQL 13+ server whose user may create databases
#                                        (default: a private cluster without TCP in MLM_STATE)
#   MLM_PORT     port of the web client                        (default: 8069)
#   MLM_CHROMIUM a Chromium or Chrome for the browser tests    (default: the first one on PATH)

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
STATE=${MLM_STATE:-$ROOT/.runtime}
ADDONS=(mlm_network mlm_commission mlm_offers mlm_lead_import)

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }
die() {
    printf '\nerror: %s\n' "$*" >&2
    exit 1
}

is_root() { [ "$(id -u)" = 0 ]; }

# --- programs of the system -----------------------------------------------------------------

# Debian's packages are the only thing ever written outside MLM_STATE, and never silently.
need_debian() {
    [ $# -gt 0 ] || return 0
    command -v apt-get >/dev/null ||
        die "These programs are missing and this is not Debian or Ubuntu: $*. Install them and run this again."
    is_root ||
        die "These Debian packages are missing: $*. Run 'sudo apt-get install $*' once, then run this again."
    say "Installing these Debian packages on this system: $*"
    apt-get update -qq || die "apt-get update failed; check the network and /etc/apt/sources.list, then run this again."
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >"$STATE/apt.log" 2>&1 ||
        die "apt-get could not install $*; the reason is in $STATE/apt.log."
}

# Whether the system's own suites have a package; a fresh image has no lists yet.
debian_has() {
    [ -n "$(ls /var/lib/apt/lists/*Packages* 2>/dev/null | head -n 1)" ] || ! is_root || apt-get update -qq >/dev/null 2>&1 || true
    apt-cache policy "$1" 2>/dev/null | grep -q 'Candidate: [0-9]'
}

find_chromium() {
    local name
    for name in "${MLM_CHROMIUM:-}" chromium google-chrome google-chrome-stable chromium-browser; do
        [ -n "$name" ] && command -v "$name" >/dev/null && { command -v "$name"; return; }
    done
    return 1
}

pg_bin() {
    local dir
    if dir=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t/ -k5 -V | tail -n 1) && [ -x "$dir/initdb" ]; then
        echo "$dir"
    elif command -v initdb >/dev/null && command -v pg_ctl >/dev/null; then
        dirname "$(readlink -f "$(command -v initdb)")"
    else
        return 1
    fi
}

need_programs() {
    local missing=() python=${MLM_PYTHON:-python3}
    mkdir -p "$STATE" || die "The folder $STATE cannot be written; set MLM_STATE to one that can."
    [ -e "$STATE/.gitignore" ] || echo '*' >"$STATE/.gitignore"
    if [ -z "${MLM_VENV:-}" ]; then
        command -v "$python" >/dev/null || missing+=(python3)
        "$python" -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
    fi
    [ -n "${PGHOST:-}" ] || pg_bin >/dev/null || missing+=(postgresql)
    command -v psql >/dev/null || missing+=(postgresql-client)
    export PATH=$STATE/bin:$PATH
    if ! command -v wkhtmltopdf >/dev/null && debian_has wkhtmltopdf; then missing+=(wkhtmltopdf); fi
    command -v git >/dev/null || missing+=(git)
    # Statements are printed by wkhtmltopdf and looked at in a browser: without a font both are blank.
    command -v fc-list >/dev/null && [ -n "$(fc-list | head -n 1)" ] || missing+=(fontconfig fonts-dejavu-core)
    if [ "${1:-}" = browser ] && ! find_chromium >/dev/null; then
        # Ubuntu's "chromium" is a snap that does not start as root or in a container.
        if grep -qi ubuntu /etc/os-release 2>/dev/null; then
            die "The browser tests need Chrome or Chromium: install Google Chrome, or set MLM_CHROMIUM to the program."
        fi
        missing+=(chromium)
    fi
    need_debian "${missing[@]}"
    command -v wkhtmltopdf >/dev/null || fetch_wkhtmltopdf ||
        die "wkhtmltopdf, with which Odoo prints, could not be fetched (details: $STATE/apt.log); install it and run this again."
    if [ -z "${MLM_VENV:-}" ]; then
        "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
            die "Python 3.11 or newer is needed, $("$python" -V) was found; set MLM_PYTHON to a newer one."
    fi
}

# --- Odoo ------------------------------------------------------------------------------------

# Makes a private apt for another suite of the machine's own Debian mirror, without touching the system's.
# Sets APT (its command line) and APT_DIR.
private_apt() {
    local suite=$1 mirror
    APT_DIR=$STATE/apt-$suite
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
        grep -E '/debian/?$' | grep -v security | head -n 1)
    [ -n "$mirror" ] || return 1
    mkdir -p "$APT_DIR/lists/partial" "$APT_DIR/cache/archives/partial"
    : >"$APT_DIR/status"
    echo "deb $mirror $suite main" >"$APT_DIR/sources.list"
    APT=(apt-get -qq -o "Dir::Etc::sourcelist=$APT_DIR/sources.list" -o Dir::Etc::sourceparts=-
        -o "Dir::State::Lists=$APT_DIR/lists" -o "Dir::State::status=$APT_DIR/status" -o "Dir::Cache=$APT_DIR/cache"
        -o APT::Get::List-Cleanup=0 -o Acquire::Languages=none -o APT::Sandbox::User=root -o Acquire::Check-Valid-Until=false)
    "${APT[@]}" update >"$STATE/apt.log" 2>&1
}

fetch_debian_odoo() {
    local dir=$STATE/odoo deb
    say "Fetching Odoo 19 Community (Debian's package, about 120 MB, unpacked into $STATE)"
    private_apt sid || return 1
    # Fonts and JavaScript that the package links to, without which its pages do not build.
    (cd "$APT_DIR" && "${APT[@]}" download odoo-19 fonts-font-awesome fonts-roboto-unhinted fonts-inconsolata \
        libjs-jquery libjs-underscore libjs-jquery-form) >>"$STATE/apt.log" 2>&1 || return 1
    rm -rf "$dir.new" && mkdir -p "$dir.new"
    for deb in "$APT_DIR"/*.deb; do dpkg -x "$deb" "$dir.new" || return 1; done
    # Debian left out one non-free file that a manifest still names.
    local selfie=$dir.new/usr/lib/python3/dist-packages/odoo/addons/mail/static/lib/selfie_segmentation
    mkdir -p "$selfie" && : >>"$selfie/selfie_segmentation.js"
    rm -rf "$dir" "$APT_DIR"
    mv "$dir.new" "$dir"
}

# Debian 13 no longer has wkhtmltopdf, which Odoo prints with: Debian 12's is unpacked beside Odoo.
fetch_wkhtmltopdf() {
    local dir=$STATE/wkhtmltopdf deb lib
    say "Fetching wkhtmltopdf (Debian 12's package with its libraries, about 90 MB, unpacked into $STATE)"
    private_apt bookworm || return 1
    "${APT[@]}" install -y --download-only --no-install-recommends wkhtmltopdf >>"$STATE/apt.log" 2>&1 || return 1
    rm -rf "$dir" && mkdir -p "$dir" "$STATE/bin"
    for deb in "$APT_DIR"/cache/archives/*.deb; do
        # The system's own C library is newer and takes older programs; the other way round nothing runs.
        case ${deb##*/} in libc6_* | libgcc-s1_* | libstdc++6_* | libc-bin_*) continue ;; esac
        dpkg -x "$deb" "$dir" || return 1
    done
    rm -rf "$APT_DIR"
    lib=$(dirname "$(find "$dir/usr/lib" -name 'libQt5WebKit.so.5' | head -n 1)")
    printf '#!/bin/sh\nexport LD_LIBRARY_PATH="%s:%s/pulseaudio" QT_PLUGIN_PATH="%s/qt5/plugins"\nexec "%s/usr/bin/wkhtmltopdf" "$@"\n' \
        "$lib" "$lib" "$lib" "$dir" >"$STATE/bin/wkhtmltopdf"
    chmod +x "$STATE/bin/wkhtmltopdf"
    "$STATE/bin/wkhtmltopdf" --version >>"$STATE/apt.log" 2>&1
}

fetch_git_odoo() {
    say "Fetching Odoo 19 Community (a shallow clone of its public repository, about 400 MB)"
    rm -rf "$STATE/odoo.new"
    git clone -q --depth 1 --branch 19.0 https://github.com/odoo/odoo "$STATE/odoo.new" || return 1
    rm -rf "$STATE/odoo"
    mv "$STATE/odoo.new" "$STATE/odoo"
}

# Sets ODOO_PATH (for PYTHONPATH) and ODOO_ADDONS (comma separated).
find_odoo() {
    local tree=${MLM_ODOO:-$STATE/odoo} found
    if [ -z "${MLM_ODOO:-}" ] && [ ! -d "$tree" ]; then
        fetch_debian_odoo || fetch_git_odoo ||
            die "Odoo 19 could not be fetched; check the network (details: $STATE/apt.log), or set MLM_ODOO to a copy you have."
    fi
    for found in "$tree" "$tree/usr/lib/python3/dist-packages" "$(dirname "$tree")"; do
        [ -f "$found/odoo/release.py" ] && ODOO_PATH=$(cd "$found" && pwd -P) && break
    done
    [ -n "${ODOO_PATH:-}" ] || die "No Odoo was found in $tree; MLM_ODOO must be a folder that holds odoo/release.py."
    grep -q 'version_info = (19, 0' "$ODOO_PATH/odoo/release.py" ||
        die "The Odoo in $ODOO_PATH is not 19.0; set MLM_ODOO to an Odoo 19."
    ODOO_ADDONS=$ODOO_PATH/odoo/addons
    [ -d "$ODOO_PATH/addons" ] && ODOO_ADDONS=$ODOO_ADDONS,$ODOO_PATH/addons
    return 0
}

# --- Python ----------------------------------------------------------------------------------

make_venv() {
    VENV=${MLM_VENV:-$STATE/venv}
    if [ -n "${MLM_VENV:-}" ]; then
        "$VENV/bin/python" -c 'import numpy, psycopg2, werkzeug' 2>/dev/null ||
            die "The environment $VENV lacks Odoo's packages; run '$VENV/bin/pip install -r $ROOT/setup/requirements.txt -c $ROOT/setup/constraints.txt'."
        return
    fi
    local stamp
    stamp=$(cat "$ROOT"/setup/requirements.txt "$ROOT"/setup/constraints.txt "$ROOT"/requirements.txt | cksum)
    [ "$(cat "$VENV/.stamp" 2>/dev/null)" = "$stamp" ] && return
    say "Installing Python packages into $VENV"
    "${MLM_PYTHON:-python3}" -m venv --clear "$VENV" || die "Python could not make a virtual environment in $VENV."
    "$VENV/bin/pip" install -q --disable-pip-version-check --prefer-binary \
        -r "$ROOT/setup/requirements.txt" -r "$ROOT/requirements.txt" -c "$ROOT/setup/constraints.txt" >"$STATE/pip.log" 2>&1 ||
        die "pip could not install the Python packages; the reason is at the end of $STATE/pip.log."
    echo "$stamp" >"$VENV/.stamp"
}

# --- PostgreSQL ------------------------------------------------------------------------------

# PostgreSQL refuses to run as root, so root lends the cluster to Debian's "postgres" user.
as_postgres() {
    if is_root; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

start_postgres() {
    [ -n "${PGHOST:-}" ] && {
        psql -d postgres -Atc 'select 1' >/dev/null 2>&1 ||
            die "PostgreSQL at PGHOST=$PGHOST does not let user ${PGUSER:-$(id -un)} in; check PGHOST, PGPORT, PGUSER and PGPASSWORD."
        [ "$(psql -d postgres -Atc 'select rolcreatedb or rolsuper from pg_roles where rolname = current_user')" = t ] ||
            die "The PostgreSQL user ${PGUSER:-$(id -un)} may not create databases; run 'ALTER ROLE ... CREATEDB'."
        return
    }
    local bin dir=$STATE/pg
    bin=$(pg_bin) || die "PostgreSQL's initdb was not found; install the package postgresql."
    is_root && ! getent passwd postgres >/dev/null && die "The system user postgres is missing; install the package postgresql."
    mkdir -p "$dir"
    # A checkout under /root or a private temporary folder is closed to that user, and a socket's
    # path may have 107 characters at most: then the cluster lies in /var/tmp.
    if is_root; then chown postgres "$dir"; fi
    if ! as_postgres test -w "$dir" || [ ${#dir} -gt 80 ]; then
        dir=/var/tmp/mlm-$(printf '%s' "$STATE" | cksum | cut -d' ' -f1)
        [ -d "$dir" ] || say "The database lies in $dir, since $STATE is out of PostgreSQL's reach"
        mkdir -p "$dir"
        if is_root; then chown postgres "$dir"; fi
    fi
    if [ ! -f "$dir/data/PG_VERSION" ]; then
        say "Creating a private PostgreSQL cluster in $dir (no network, no system service)"
        as_postgres "$bin/initdb" -D "$dir/data" -U odoo -A trust -E UTF8 --locale=C >"$STATE/postgres.log" 2>&1 ||
            die "PostgreSQL could not create its cluster; the reason is in $STATE/postgres.log."
        as_postgres tee -a "$dir/data/postgresql.conf" >/dev/null <<CONF
listen_addresses = ''
unix_socket_directories = '$dir'
shared_buffers = 512MB
synchronous_commit = off
max_connections = 200
CONF
    fi
    export PGHOST=$dir PGPORT=5432 PGUSER=odoo
    unset PGPASSWORD PGDATABASE
    as_postgres "$bin/pg_ctl" -D "$dir/data" status >/dev/null 2>&1 ||
        as_postgres "$bin/pg_ctl" -D "$dir/data" -w -l "$dir/postgres.log" start >/dev/null ||
        die "PostgreSQL did not start; the reason is in $dir/postgres.log."
}

# --- putting it together ---------------------------------------------------------------------

write_config() {
    mkdir -p "$STATE/data"
    [ -x "$VENV/bin/python" ] || die "There is no Python in $VENV; remove that folder and run this again."
    cat >"$STATE/odoo.conf" <<CONF
[options]
addons_path = $ODOO_ADDONS,$ROOT
data_dir = $STATE/data
db_host = ${PGHOST}
db_port = ${PGPORT:-5432}
db_user = ${PGUSER:-$(id -un)}
${PGPASSWORD:+db_password = $PGPASSWORD}
http_interface = 127.0.0.1
http_port = ${MLM_PORT:-8069}
list_db = False
log_handler = :WARNING
CONF
    export ODOO_RC=$STATE/odoo.conf PYTHONPATH=$ODOO_PATH PYTHONDONTWRITEBYTECODE=
}

# prepare [browser]: after this, run_odoo works.
prepare() {
    need_programs "${1:-}"
    find_odoo
    make_venv
    start_postgres
    write_config
}

run_odoo() { "$VENV/bin/python" -c 'from odoo.cli import main; main()' "$@"; }

database_exists() { [ "$(psql -d postgres -Atc "select 1 from pg_database where datname = '$1'")" = 1 ]; }
