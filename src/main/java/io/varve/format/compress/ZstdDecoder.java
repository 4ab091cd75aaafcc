package io.varve.format.compress;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import io.varve.format.CorruptFormatException;
import java.nio.ByteBuffer;

/**
 * Zstandard frames (RFC 8878), any number of them, skippable ones too.
 *
 * <p>A frame need not tell its content's size: kopia's often do not. Nor does its window cost
 * memory, as the whole target serves as the window. Direct buffers on both sides are not copied.
 */
final class ZstdDecoder implements StreamDecoder {

    @Override
    public boolean decode(ByteBuffer source, ByteBuffer target) throws CorruptFormatException {
        try (ZstdDecompressCtx context = new ZstdDecompressCtx()) {
            if (source.isDirect() && target.isDirect()) {
                context.decompress(target, source);
            } else {
                decodeArrays(context, source, target);
            }
            return true;
        } catch (ZstdException e) {
            if (e.getErrorCode() == Zstd.errDstSizeTooSmall()) {
                return false;
            }
            throw new CorruptFormatException("zstd stream", 0, String.valueOf(e.getMessage()), e);
        }
    }

    private static void decodeArrays(
            ZstdDecompressCtx context, ByteBuffer source, ByteBuffer target) {
        byte[] stream = new byte[source.remaining()];
        source.get(stream);
        if (target.hasArray()) {
            int start = target.arrayOffset() + target.position();
            int count =
                    context.decompressByteArray(
                            target.array(), start, target.remaining(), stream, 0, stream.length);
            target.position(target.position() + count);
        } else {
            byte[] plain = new byte[target.remaining()];
            int count =
                    context.decompressByteArray(plain, 0, plain.length, stream, 0, stream.length);
            target.put(plain, 0, count);
        }
    }
}
