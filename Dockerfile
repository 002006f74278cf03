# The extension for functions in container images, built as the layer is:
#
#   docker build --tag apm-lambda-extension .
#
# and in the function's own Dockerfile:
#
#   COPY --from=apm-lambda-extension /opt/ /opt/
#
# Another architecture is cross-built: --platform linux/arm64.
FROM --platform=$BUILDPLATFORM debian:bookworm-slim AS build
ARG TARGETARCH
WORKDIR /src

# The parts first: they change seldom and take longest.
COPY CMakeLists.txt LICENSE ./
COPY tools ./tools
RUN tools/package --parts-only ${TARGETARCH:+--arch $TARGETARCH}

COPY . .
RUN tools/package ${TARGETARCH:+--arch $TARGETARCH}
RUN mv build/package/*/zip/apm-lambda-extension /layer

FROM scratch
COPY --from=build /layer/ /opt/
