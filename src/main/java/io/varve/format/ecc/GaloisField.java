package io.varve.format.ecc;

/**
 * Arithmetic in GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1. Elements are ints from 0 to 255; addition
 * and subtraction are both xor.
 */
final class GaloisField {

    private static final int POLYNOMIAL = 0x11d;

    /** The multiplicative group has 255 elements; 2 generates it. */
    private static final int ORDER = 255;

    /** Powers of 2, twice over: the sum of two logarithms is an index. */
    private static final byte[] POWER = new byte[2 * ORDER];

    private static final byte[] LOGARITHM = new byte[ORDER + 1];

    static {
        int power = 1;
        for (int i = 0; i < ORDER; i++) {
            POWER[i] = (byte) power;
            POWER[i + ORDER] = (byte) power;
            LOGARITHM[power] = (byte) i;
            power <<= 1;
            if (power > ORDER) {
                power ^= POLYNOMIAL;
            }
        }
    }

    private GaloisField() {}

    static int multiply(int a, int b) {
        return a == 0 || b == 0 ? 0 : POWER[logarithm(a) + logarithm(b)] & 0xff;
    }

    /**
     * @param b not 0
     */
    static int divide(int a, int b) {
        if (b == 0) {
            throw new ArithmeticException("division by zero in GF(2^8)");
        }
        return a == 0 ? 0 : POWER[logarithm(a) + ORDER - logarithm(b)] & 0xff;
    }

    private static int logarithm(int a) {
        return LOGARITHM[a] & 0xff;
    }
}
