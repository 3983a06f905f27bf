# Stands in for versity/versitygw: the same release, built from the Go module proxy; BusyBox's wget
# for the health check, as in Alpine.
FROM debian:trixie-slim
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends busybox \
 && rm -rf /var/lib/apt/lists/* && ln -s /bin/busybox /usr/local/bin/wget
COPY versitygw /usr/local/bin/versitygw
EXPOSE 7070
ENTRYPOINT ["versitygw"]
