#!/usr/bin/env bash
# Fetches Kafka 3.9.2 with its tools and ZooKeeper 3.8.4 (43 MB, from Maven's central repository) and prints the folder of
# the jars. They run with `java -cp 'FOLDER/*' kafka.Kafka` and `org.apache.zookeeper.server.quorum.QuorumPeerMain`.
set -euo pipefail
# shellcheck source=integration/servers/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

fetch() {
    local central=${FCPLAY_MAVEN:-https://repo1.maven.org/maven2} sum folder file
    local -a request=()
    while read -r sum folder; do
        [ "$sum" != '#' ] || continue
        file=$(basename "$(dirname "$folder")")-$(basename "$folder").jar
        request+=(-o "$file" "$central/$folder/$file")
        printf '%s  %s\n' "$sum" "$file" >>SHA256
    done <"$integration/servers/kafka.jars"
    # One connection for all of them.
    curl -fL --no-progress-meter --retry 3 --parallel --parallel-max 4 "${request[@]}"
    sha256sum --quiet -c SHA256
    format
}

# Prepares the data folder of a node, which the tests copy for theirs: that takes a Java program two seconds.
format() {
    cat >node.properties <<'END'
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:9093
listeners=PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093
controller.listener.names=CONTROLLER
log.dirs=formatted
END
    java -cp './*' kafka.tools.StorageTool format -t ZmNwbGF5LW9ubHktdGVzdA -c node.properties \
        --add-scram 'SCRAM-SHA-256=[name=admin,password=only-for-this-test]' \
        --add-scram 'SCRAM-SHA-512=[name=admin,password=only-for-this-test]'
}

"$integration/install.sh" curl:curl java:openjdk-17-jre-headless >&2
once kafka-3.9.2 fetch
