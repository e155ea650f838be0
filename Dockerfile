# One Dockerfile for every image: SERVICE names the app. `npm run images` builds those that changed.
#   docker build --build-arg SERVICE=order -t bulkhead/order .
# BUNDLE=dist takes the bundle from dist/apps, where `nx build` put it, instead of building it in here.
ARG NODE_IMAGE=docker.io/library/node:24-bookworm-slim
ARG BUNDLE=source

FROM ${NODE_IMAGE} AS bundle-source
WORKDIR /build
ENV NX_DAEMON=false NX_NO_CLOUD=true
# Packages are a layer of their own: they change seldom.
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund --loglevel=error
COPY nx.json tsconfig.json jest.preset.cjs ./
COPY scripts scripts
COPY libs libs
COPY apps apps
ARG SERVICE
RUN PATH=/build/node_modules/.bin:$PATH nx build "${SERVICE}" && mv "dist/apps/${SERVICE}" /bundle

FROM scratch AS bundle-dist
ARG SERVICE
COPY dist/apps/${SERVICE} /bundle

FROM bundle-${BUNDLE} AS bundle

FROM ${NODE_IMAGE}
ARG SERVICE
ARG VERSION=0.1.0
ARG REVISION=unknown
ENV NODE_ENV=production
WORKDIR /app
COPY --from=bundle --chown=0:0 /bundle /app
# What `npm run images` compares to see whether anything changed; set last, so that it costs no layer.
ARG CONTENT=unknown
LABEL org.opencontainers.image.title="bulkhead/${SERVICE}" \
      org.opencontainers.image.description="${SERVICE} of the Bulkhead shop" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="MIT" \
      bulkhead.content="${CONTENT}"
USER 1000:1000
EXPOSE 8080 9090
# Node.js as process 1: it handles SIGTERM itself, from its first line on, and starts no children.
ENTRYPOINT ["node", "--enable-source-maps", "--max-semi-space-size=8", "/app/main.js"]
