#!/bin/sh
# Install what the tests drive beside Python, where this machine allows it: Debian, as root.
# Elsewhere the tests that need it are skipped, and counted in the closing line.
set -eu
command -v chromium >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Chromium for the browser tests ..."
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
else
    echo "No Chromium here: the browser tests will be skipped."
fi
