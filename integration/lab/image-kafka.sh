#!/usr/bin/env bash
# Makes the images of Kafka and ZooKeeper from the jars that integration/servers/kafka.sh fetches and Debian's Java, and
# the `docker save` tarballs that the roles load. Does nothing when the tarballs of this recipe are there.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=integration/lab/common.sh
. "$here/common.sh"

kafka=kafka-3.9
zookeeper=zookeeper-3.8
begin_service $kafka "$here/image-kafka.sh" "$here/../servers/kafka.sh" "$here/../servers/kafka.jars"

jars=$("$here/../servers/kafka.sh")

build_tree '
  apt-get -qq update
  apt-get -qq install -y --no-install-recommends openjdk-17-jre-headless >/dev/null 2>&1
  begin_tree 1000 appuser data datalog logs opt/kafka/bin opt/kafka/libs var/lib/kafka/data
  # With the files that its configuration links to.
  mkdir -p /out/tree/usr/lib/java
  cp -rL /usr/lib/jvm/java-17-openjdk-amd64/{bin,conf,lib} /out/tree/usr/lib/java/
  find /usr/lib/jvm/java-17-openjdk-amd64/lib -name "*.so" | while read -r library; do copy_libraries "$library"; done
  copy_libraries /usr/lib/jvm/java-17-openjdk-amd64/bin/java
  for tool in /bin/sh /bin/cat /bin/ls /bin/grep /bin/sleep /bin/mkdir; do copy_with_libraries "$tool"; done
  ln -s /usr/lib/java/bin/java /out/tree/bin/java
  cp /jars/*.jar /out/tree/opt/kafka/libs/
' --volume "$jars:/jars:ro"

# program PATH MAIN-CLASS: a script as Kafka and ZooKeeper bring them.
program() {
  cat >"$work/tree/$1" <<END
#!/bin/sh
# shellcheck disable=SC2086  # options are words
exec java \${KAFKA_HEAP_OPTS:--Xmx192m} \${KAFKA_JVM_PERFORMANCE_OPTS:--XX:+UseSerialGC -XX:TieredStopAtLevel=1} \\
  -Dlog4j.configuration=file:\${KAFKA_LOG4J:-/opt/kafka/log4j.properties} \${KAFKA_OPTS:-} \${SERVER_JVMFLAGS:-} \\
  -cp '/opt/kafka/libs/*' $2 "\$@"
END
  chmod 0755 "$work/tree/$1"
}
cat >"$work/tree/opt/kafka/log4j.properties" <<'END'
log4j.rootLogger=WARN, console
log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=%d %p %m (%c)%n
END
bin=opt/kafka/bin
program $bin/kafka-server-start.sh kafka.Kafka
program $bin/kafka-storage.sh kafka.tools.StorageTool
program $bin/kafka-topics.sh org.apache.kafka.tools.TopicCommand
program $bin/kafka-configs.sh kafka.admin.ConfigCommand
program $bin/zookeeper org.apache.zookeeper.server.quorum.QuorumPeerMain
# As the image of ZooKeeper has it: zkServer.sh start-foreground [FILE].
cat >"$work/tree/bin/zkServer.sh" <<'END'
#!/bin/sh
exec /opt/kafka/bin/zookeeper "${2:-/conf/zoo.cfg}"
END
chmod 0755 "$work/tree/bin/zkServer.sh"

import_tree "$work/tree" "$(service_image $kafka)" "$recipe" 'ENV PATH=/opt/kafka/bin:/bin' 'WORKDIR /opt/kafka' \
  'USER 1000:1000' 'CMD ["kafka-server-start.sh", "/etc/kafka/server.properties"]'
# The same image under another name: hosts and registries keep its layer once.
docker tag "$(service_image $kafka)" "$(service_image $zookeeper)"
save_service $zookeeper "$recipe"
# Last: its tarball says that all is done.
save_service $kafka "$recipe"
