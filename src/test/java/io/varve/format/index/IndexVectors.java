package io.varve.format.index;

import io.varve.format.ContentId;
import io.varve.format.CorruptFormatException;
import io.varve.format.Golden;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Entries and tables that kopia's own code gave for them. */
final class IndexVectors {

    static final String P_PACK = "p000102030405060708090a0b0c0d0e0f-s0011223344556677135";
    static final String Q_PACK = "q101112131415161718191a1b1c1d1e1f-s0011223344556677135";

    static final IndexEntry A =
            new IndexEntry(
                    id("00112233445566778899aabbccddeeff"),
                    P_PACK,
                    32,
                    1_048_604,
                    1_048_576,
                    0,
                    3,
                    1_700_000_000,
                    false);

    static final IndexEntry B =
            new IndexEntry(
                    id("kffeeddccbbaa99887766554433221100"),
                    Q_PACK,
                    32,
                    300,
                    700,
                    0x1101,
                    3,
                    1_700_000_001,
                    false);

    static final IndexEntry C =
            new IndexEntry(
                    id("m0123456789abcdef0123456789abcdef"),
                    Q_PACK,
                    332,
                    128,
                    100,
                    0,
                    3,
                    1_700_000_002,
                    true);

    static final byte[] V2_OF_ABC =
            Golden.hex(
                    """
                    02110011000000030000000202000000000000112233445566778899aabbccddeeff6553f10000000020
                    10000010001c0000006bffeeddccbbaa998877665544332211006553f101000000200002bc00012c0001
                    016d0123456789abcdef0123456789abcdef6553f1028000014c000064000080000100360000008d3600
                    0000c3000000000300000011010300703030303130323033303430353036303730383039306130623063
                    306430653066
                    2d7330303131323233333434353536363737313335713130313131323133313431353136313731383139
                    31613162316331643165
                    31662d7330303131323233333434353536363737313335
                    """);

    static final byte[] V2_OF_A =
            Golden.hex(
                    """
                    02110010000000010000000101000000000000112233445566778899aabbccddeeff6553f10000000020
                    10000010001c0000360000003d0000000003007030303031303230333034303530363037303830393061
                    30623063306430653066
                    2d7330303131323233333434353536363737313335
                    """);

    /** With format version 1, and B not compressed. */
    static final byte[] V1_OF_ABC =
            Golden.hex(
                    """
                    01110014000000030000112233445566778899aabbccddeeff00006553f100013600000077000000200010
                    001c6bffeeddccbbaa998877665544332211000000
                    6553f1010136000000ad000000200000012c6d0123456789abcdef0123456789abcdef00006553f1020136
                    000000ad8000014c
                    00000080703030303130323033303430353036303730383039306130623063306430653066
                    2d7330303131323233333434353536363737313335
                    713130313131323133313431353136313731383139316131623163316431653166
                    2d7330303131323233333434353536363737313335
                    """);

    private IndexVectors() {}

    static ContentId id(String text) {
        try {
            return ContentId.parse(text);
        } catch (CorruptFormatException wrong) {
            throw new IllegalArgumentException(wrong);
        }
    }

    /** All entries of a table, in its order. */
    static List<IndexEntry> entries(ByteBuffer table) throws CorruptFormatException {
        List<IndexEntry> entries = new ArrayList<>();
        PackIndex.open(table, "xn0_test").forEach(entries::add);
        return entries;
    }
}
