#!/bin/sh
# Makes the secrets of compose.yaml in the folder that is given. Those that are there stay as they are.
set -eu
umask 022

folder=$1

# Each file is complete or absent, even if this is killed.
keep() {
    if [ ! -s "$folder/$1" ]; then
        cat > "$folder/$1.new"
        mv "$folder/$1.new" "$folder/$1"
    fi
}

make_random() {
    head -c 24 /dev/urandom | od -An -v -tx1 | tr -d ' \n'
}

make_random | keep postgres_password
printf 'postgresql://taskstead:%s@postgres:5432/taskstead' "$(cat "$folder/postgres_password")" |
    keep TASKSTEAD_DATABASE_URL
make_random | keep TASKSTEAD_SETUP_TOKEN
