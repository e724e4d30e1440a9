#!/bin/sh
# Generates the secrets of compose.yaml in the folder $1. Existing secrets are not changed.
set -eu
umask 022

folder=$1

# Write standard input to the file $1 unless it exists. A killed script never leaves an incomplete file.
store_once() {
    if [ ! -s "$folder/$1" ]; then
        cat > "$folder/$1.new"
        mv "$folder/$1.new" "$folder/$1"
    fi
}

make_random() {
    head -c 24 /dev/urandom | od -An -v -tx1 | tr -d ' \n'
}

make_random | store_once postgres_password
printf 'postgresql://taskstead:%s@postgres:5432/taskstead' "$(cat "$folder/postgres_password")" |
    store_once TASKSTEAD_DATABASE_URL
make_random | store_once TASKSTEAD_SETUP_TOKEN
