#!/bin/sh
# Stands in for a driver that finds its port taken $UNLUCKY times; arguments are of no account.
cd "$TMPDIR" || exit 1
echo >> tries
if [ "$(wc -l < tries)" -le "$UNLUCKY" ]; then
    echo "IPv4 port not available. Exiting..."
    exit 1
fi
echo "Listening on 127.0.0.1:40123"
sleep 60
