package io.varve.format.compress;

/** What a compressed stream is, whatever the effort that its writer made. */
enum StreamKind {
    STORED,
    GZIP,
    ZSTD,
    S2,
    LZ4,
    DEFLATE;

    StreamDecoder decoder() {
        return switch (this) {
            case STORED -> new StoredDecoder();
            case GZIP -> new GzipDecoder();
            case ZSTD -> new ZstdDecoder();
            case S2 -> new S2Decoder();
            case LZ4 -> new Lz4Decoder();
            case DEFLATE -> new DeflateDecoder();
        };
    }
}
