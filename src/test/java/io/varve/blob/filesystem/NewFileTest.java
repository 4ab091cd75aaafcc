package io.varve.blob.filesystem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NewFileTest {

    private static final int BLOCK = 4096;

    @TempDir Path folder;

    /** From one byte to several pieces; whole blocks and not. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4096, 1 << 20, (1 << 20) + 1, (9 << 20) - 1, 12 << 20})
    void whateverTheBufferTheFileHoldsItsRemainingBytes(int length) throws IOException {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        for (ByteBuffer content :
                new ByteBuffer[] {
                    ByteBuffer.wrap(bytes),
                    aligned(bytes, 0),
                    aligned(bytes, 1),
                    aligned(bytes, BLOCK)
                }) {
            Path path = folder.resolve("file");
            new NewFile(path, NewFile.blockSizeOf(folder)).write(content);
            assertThat(Files.readAllBytes(path)).isEqualTo(bytes);
            assertThat(content.remaining()).isEqualTo(length);
            Files.delete(path);
        }
    }

    @Test
    void wholeBlocksOfAnAlignedBufferGoPastThePageCache() throws IOException {
        long blockSize = NewFile.blockSizeOf(folder);
        assumeThat(blockSize).isEqualTo(BLOCK);
        byte[] bytes = new byte[(5 << 20) + 17];
        long direct =
                new NewFile(folder.resolve("aligned"), blockSize).write(aligned(bytes, BLOCK));
        assumeThat(direct).as("the file system has direct writes").isNotZero();
        assertThat(direct).isEqualTo(5 << 20);
        assertThat(new NewFile(folder.resolve("odd"), blockSize).write(aligned(bytes, 1))).isZero();
        assertThat(new NewFile(folder.resolve("heap"), blockSize).write(ByteBuffer.wrap(bytes)))
                .isZero();
        assertThat(new NewFile(folder.resolve("off"), 0).write(aligned(bytes, 0))).isZero();
    }

    @Test
    void aFileThatExistsIsNotTouched() throws IOException {
        Path path = Files.writeString(folder.resolve("file"), "before");
        assertThatThrownBy(() -> new NewFile(path, BLOCK).write(ByteBuffer.allocate(1)))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThat(path).hasContent("before");
    }

    /** A direct buffer with {@code bytes} from {@code position}, position 0 on a block's start. */
    private static ByteBuffer aligned(byte[] bytes, int position) {
        ByteBuffer whole = ByteBuffer.allocateDirect(bytes.length + position + 2 * BLOCK);
        ByteBuffer buffer = whole.alignedSlice(BLOCK).position(position);
        return buffer.put(bytes).limit(position + bytes.length).position(position);
    }
}
