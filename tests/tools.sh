#!/bin/sh
# Install what the tests drive beside Python, where this machine allows it: Debian, as root.
# Elsewhere the tests that need it are skipped, and counted in the closing line.
set -eu
PATH="$PATH:/usr/sbin"

wanted=""
command -v chromium >/dev/null 2>&1 || wanted="$wanted chromium"
command -v openssl >/dev/null 2>&1 || wanted="$wanted openssl"
command -v bearerbox >/dev/null 2>&1 && command -v smsbox >/dev/null 2>&1 || wanted="$wanted kannel"
command -v gammu-smsd >/dev/null 2>&1 || wanted="$wanted gammu-smsd"
[ -n "$wanted" ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "Not here, and not installed:$wanted. The tests that need it will be skipped."
    exit 0
fi

# The tests start these programs themselves: Debian must not start services of its own beside them.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    trap 'rm -f "$policy"' EXIT
fi
echo "Installing for the tests:$wanted ..."
apt-get update -qq
# shellcheck disable=SC2086 -- a list of packages
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $wanted >/dev/null
for service in kannel gammu-smsd; do
    case "$wanted" in *" $service"*) update-rc.d "$service" disable >/dev/null 2>&1 || true ;; esac
done
