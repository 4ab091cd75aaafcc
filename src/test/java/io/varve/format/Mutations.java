package io.varve.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.util.Arrays;
import java.util.Random;

/**
 * Damages golden bytes and hands them to a decoder: it must give a value or refuse them as corrupt
 * or unsupported, and never throw anything else. Every byte is replaced several times, and the
 * bytes are cut at every length. The seed is in the failure; {@code -Dvarve.seed} sets it.
 */
public final class Mutations {

    private static final int REPLACEMENTS_A_BYTE = 12;

    private Mutations() {}

    /** A decoder under test. */
    @FunctionalInterface
    public interface Decoder {
        /** Decodes {@code bytes}, and touches all that is decoded lazily. */
        void decode(byte[] bytes) throws IOException;
    }

    /**
     * Checks {@code decoder} against all damages of {@code golden}, which it must read as it is.
     */
    public static void survives(byte[] golden, Decoder decoder) throws IOException {
        decoder.decode(golden.clone());
        long seed = Long.getLong("varve.seed", 20_261_122L);
        Random random = new Random(seed);
        int refused = 0;
        for (int at = 0; at < golden.length; at++) {
            refused += isRefused(Arrays.copyOf(golden, at), decoder, seed, "cut at " + at) ? 1 : 0;
            for (int i = 0; i < REPLACEMENTS_A_BYTE; i++) {
                byte[] damaged = golden.clone();
                damaged[at] = replacement(i, golden[at], random);
                String damage = "byte %d is 0x%02x".formatted(at, damaged[at]);
                refused += isRefused(damaged, decoder, seed, damage) ? 1 : 0;
            }
        }
        assertThat(refused).as("damages refused").isPositive();
    }

    private static byte replacement(int i, byte original, Random random) {
        return switch (i) {
            case 0 -> 0;
            case 1 -> (byte) 0xff;
            case 2 -> '"';
            case 3 -> '}';
            case 4 -> '9';
            case 5 -> '-';
            case 6 -> (byte) (original ^ 0x80);
            case 7 -> (byte) (original + 1);
            default -> (byte) random.nextInt();
        };
    }

    private static boolean isRefused(byte[] damaged, Decoder decoder, long seed, String damage) {
        try {
            decoder.decode(damaged);
            return false;
        } catch (CorruptFormatException | UnsupportedFormatException refused) {
            return true;
        } catch (IOException | RuntimeException | AssertionError unexpected) {
            return fail("%s, seed %d".formatted(damage, seed), unexpected);
        }
    }
}
