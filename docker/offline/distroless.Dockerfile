# Stands in for gcr.io/distroless/cc-debian13: the same packages, unpacked, and nothing to run.
FROM debian:trixie-slim AS unpack
WORKDIR /packages
RUN apt-get update -qq && apt-get download -qq \
      base-files netbase tzdata media-types libc6 libgcc-s1 gcc-14-base libstdc++6 libgomp1 libssl3t64 zlib1g
RUN mkdir /root-of-image && for package in *.deb; do dpkg-deb -x "$package" /root-of-image; done \
 && rm -rf /root-of-image/usr/share/doc /root-of-image/usr/share/man /root-of-image/usr/share/lintian \
 && mkdir -p /root-of-image/etc/ssl/certs /root-of-image/tmp /root-of-image/home/nonroot \
 && chmod 1777 /root-of-image/tmp \
 && cp /etc/ssl/certs/ca-certificates.crt /root-of-image/etc/ssl/certs/ \
 && printf 'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n' \
      > /root-of-image/etc/passwd \
 && printf 'root:x:0:\nnonroot:x:65532:\n' > /root-of-image/etc/group

FROM scratch
COPY --from=unpack /root-of-image/ /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
USER 65532
WORKDIR /home/nonroot
