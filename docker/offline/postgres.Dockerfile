# Stands in for docker.io's postgres: the same release, from npm's embedded-postgres.
FROM debian:trixie-slim
COPY native /usr/local/pgsql
COPY entrypoint.sh /usr/local/bin/docker-entrypoint.sh
RUN useradd --uid 999 --home-dir /var/lib/postgresql postgres \
 && mkdir -p /var/lib/postgresql /var/run/postgresql \
 && chown -R postgres /var/lib/postgresql /var/run/postgresql /usr/local/pgsql \
 && chmod +x /usr/local/bin/docker-entrypoint.sh
ENV PATH=/usr/local/pgsql/bin:$PATH PGDATA=/var/lib/postgresql/18/docker
STOPSIGNAL SIGINT
USER postgres
EXPOSE 5432
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["postgres"]
