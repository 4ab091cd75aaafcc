package io.varve.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

class BlockBitmapTest {
    private static final long MIB = 1 << 20;
    private static final long SEED = Long.getLong("varve.tests.seed", System.nanoTime());

    @Test
    void bytesAreWidenedToTheBlocksThatTheyTouch() {
        assertThat(runs(of(new Extent(0, 1)))).containsExactly(new BlockRun(0, 1));
        assertThat(runs(of(new Extent(MIB - 1, 2)))).containsExactly(new BlockRun(0, 2));
        assertThat(runs(of(new Extent(MIB, MIB)))).containsExactly(new BlockRun(1, 1));
        assertThat(runs(of(new Extent(5 * MIB - 1, 1), new Extent(7 * MIB, 1))))
                .containsExactly(new BlockRun(4, 1), new BlockRun(7, 1));
    }

    @Test
    void countsTheBlocksThatBytesNeed() {
        assertThat(BlockBitmap.blocksIn(0)).isZero();
        assertThat(BlockBitmap.blocksIn(1)).isEqualTo(1);
        assertThat(BlockBitmap.blocksIn(MIB)).isEqualTo(1);
        assertThat(BlockBitmap.blocksIn(MIB + 1)).isEqualTo(2);
        assertThat(BlockBitmap.blocksIn(Long.MAX_VALUE)).isEqualTo(1L << 43);
    }

    @Test
    void behavesLikeABitSet() {
        Random random = new Random(SEED);
        for (int round = 0; round < 50; round++) {
            BitSet a = randomSet(random);
            BitSet b = randomSet(random);
            BlockBitmap bitmapA = bitmap(a);
            BlockBitmap bitmapB = bitmap(b);
            long limit = random.nextInt(400_000);
            String what = "seed %d, round %d".formatted(SEED, round);
            assertThat(bits(bitmapA)).as(what).isEqualTo(a);
            assertThat(bitmapA.cardinality()).as(what).isEqualTo(a.cardinality());
            assertThat(bits(bitmapA.or(bitmapB))).as(what).isEqualTo(combined(a, b, BitSet::or));
            assertThat(bits(bitmapA.and(bitmapB))).as(what).isEqualTo(combined(a, b, BitSet::and));
            assertThat(bits(bitmapA.andNot(bitmapB)))
                    .as(what)
                    .isEqualTo(combined(a, b, BitSet::andNot));
            assertThat(bits(bitmapA.limitedTo(limit))).as(what).isEqualTo(a.get(0, (int) limit));
            assertThat(bits(bitmapA)).as("%s: untouched", what).isEqualTo(a);
            assertThat(BlockBitmap.fromBytes(bitmapA.toBytes())).as(what).isEqualTo(bitmapA);
        }
    }

    @Test
    void selectIsTheInverseOfRank() {
        Random random = new Random(SEED);
        BitSet set = randomSet(random);
        BlockBitmap bitmap = bitmap(set);
        long[] blocks = set.stream().asLongStream().toArray();
        for (int rank = 0; rank < blocks.length; rank += 1 + random.nextInt(50)) {
            assertThat(bitmap.select(rank))
                    .as("seed %d, rank %d", SEED, rank)
                    .isEqualTo(blocks[rank]);
        }
        assertThatThrownBy(() -> bitmap.select(blocks.length))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> bitmap.select(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void runsAreCutToTheCountAskedFor() {
        BlockBitmap bitmap = BlockBitmap.builder().add(3, 10).add(200_000, 200_001).build();
        assertThat(bitmap.nextRun(0, 4)).contains(new BlockRun(3, 4));
        assertThat(bitmap.nextRun(7, 4)).contains(new BlockRun(7, 3));
        assertThat(bitmap.nextRun(0, 7)).contains(new BlockRun(3, 7));
        assertThat(bitmap.nextRun(0, Long.MAX_VALUE)).contains(new BlockRun(3, 7));
        assertThat(bitmap.nextRun(10, 4)).contains(new BlockRun(200_000, 1));
        assertThat(bitmap.nextRun(200_001, 4)).isEmpty();
        assertThat(bitmap.nextRun(Long.MAX_VALUE, 4)).isEmpty();
    }

    @Test
    void theLastPossibleBlockIsAsGoodAsAnyOther() {
        long last = BlockBitmap.MAX_BLOCKS - 1;
        BlockBitmap bitmap = BlockBitmap.range(last - 1, BlockBitmap.MAX_BLOCKS);
        assertThat(bitmap.contains(last)).isTrue();
        assertThat(bitmap.nextRun(0, 1000)).contains(new BlockRun(last - 1, 2));
        assertThat(bitmap.nextRun(last, 1)).contains(new BlockRun(last, 1));
        assertThat(bitmap.limitedTo(last).cardinality()).isEqualTo(1);
        assertThat(BlockBitmap.fromBytes(bitmap.toBytes())).isEqualTo(bitmap);
        assertThat(BlockBitmap.range(0, BlockBitmap.MAX_BLOCKS).cardinality())
                .isEqualTo(BlockBitmap.MAX_BLOCKS);
        assertThatThrownBy(() -> BlockBitmap.range(0, BlockBitmap.MAX_BLOCKS + 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> BlockBitmap.range(-1, 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(bitmap.contains(-1)).isFalse();
        assertThat(bitmap.contains(1L << 32)).isFalse();
    }

    @Test
    void aBitmapDoesNotChangeWhenItsBuilderGoesOn() {
        BlockBitmap.Builder builder = BlockBitmap.builder().add(1, 2);
        BlockBitmap first = builder.build();
        BlockBitmap second = builder.add(5, 6).build();
        assertThat(runs(first)).containsExactly(new BlockRun(1, 1));
        assertThat(runs(second)).containsExactly(new BlockRun(5, 1));
        assertThat(BlockBitmap.empty().isEmpty()).isTrue();
    }

    @Test
    void theBytesAreThePortableRoaringFormat() {
        // Cookie 12347 with run containers, one container: key 0, 3 values, 1 run of 3 from 2.
        String hex = "3b300000" + "01" + "00000200" + "0100" + "02000200";
        assertThat(HexFormat.of().formatHex(BlockBitmap.range(2, 5).toBytes())).isEqualTo(hex);
        assertThat(BlockBitmap.fromBytes(HexFormat.of().parseHex(hex)))
                .isEqualTo(BlockBitmap.range(2, 5));
    }

    @Test
    void damagedBytesAreRefused() {
        byte[] bytes = BlockBitmap.builder().add(2, 5).add(100_000, 170_000).build().toBytes();
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> BlockBitmap.fromBytes(cut))
                    .as("cut to %d bytes", length)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("damaged block bitmap");
        }
        assertThatThrownBy(() -> BlockBitmap.fromBytes(Arrays.copyOf(bytes, bytes.length + 1)))
                .isInstanceOf(IllegalArgumentException.class);
        byte[] beyond =
                HexFormat.of().parseHex("3b300000" + "01" + "ffff0000" + "0100" + "ffff0000");
        assertThatThrownBy(() -> BlockBitmap.fromBytes(beyond))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("block 4294967295");
    }

    private static BlockBitmap of(Extent... extents) {
        BlockBitmap.Builder builder = BlockBitmap.builder();
        for (Extent extent : extents) {
            builder.addBytes(extent);
        }
        return builder.build();
    }

    private static BlockBitmap bitmap(BitSet set) {
        BlockBitmap.Builder builder = BlockBitmap.builder();
        set.stream().forEach(block -> builder.add(block, block + 1L));
        return builder.build();
    }

    private static BitSet bits(BlockBitmap bitmap) {
        BitSet bits = new BitSet();
        for (BlockRun run : runs(bitmap)) {
            bits.set((int) run.first(), (int) run.end());
        }
        return bits;
    }

    private static List<BlockRun> runs(BlockBitmap bitmap) {
        List<BlockRun> runs = new ArrayList<>();
        Optional<BlockRun> run = bitmap.nextRun(0, Long.MAX_VALUE);
        while (run.isPresent()) {
            runs.add(run.get());
            run = bitmap.nextRun(run.get().end(), Long.MAX_VALUE);
        }
        return runs;
    }

    private static BitSet randomSet(Random random) {
        BitSet set = new BitSet();
        for (int i = 0; i < 40; i++) {
            int first = random.nextInt(300_000);
            set.set(first, first + 1 + (random.nextBoolean() ? 0 : random.nextInt(5000)));
        }
        return set;
    }

    private static BitSet combined(BitSet a, BitSet b, BiConsumer<BitSet, BitSet> operation) {
        BitSet result = (BitSet) a.clone();
        operation.accept(result, b);
        return result;
    }
}
