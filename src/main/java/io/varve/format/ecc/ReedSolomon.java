package io.varve.format.ecc;

/**
 * The Reed–Solomon code of Backblaze's and klauspost's libraries, seen as interpolation.
 *
 * <p>For each byte position, the data shards are the values of a polynomial over GF(2^8) at the
 * points 0, 1, … d - 1, and the parity shards its values at d, d + 1, … As the polynomial's degree
 * is below d, any d shards give all others. This is the same code as the product of a Vandermonde
 * matrix with the inverse of its top square, which is how those libraries build it.
 */
final class ReedSolomon {

    private ReedSolomon() {}

    /**
     * Lagrange's coefficients: the polynomial's value at {@code target} is the sum over all i of
     * coefficient i times its value at {@code points[i]}.
     *
     * @param points distinct, from 0 to 255, without {@code target}
     */
    static int[] coefficients(int[] points, int target) {
        int[] coefficients = new int[points.length];
        for (int i = 0; i < points.length; i++) {
            int coefficient = 1;
            for (int j = 0; j < points.length; j++) {
                if (j != i) {
                    int factor = GaloisField.divide(target ^ points[j], points[i] ^ points[j]);
                    coefficient = GaloisField.multiply(coefficient, factor);
                }
            }
            coefficients[i] = coefficient;
        }
        return coefficients;
    }

    /** Adds {@code coefficient} times {@code shard} to {@code sum}. */
    static void add(byte[] sum, int coefficient, byte[] shard) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] ^= (byte) GaloisField.multiply(coefficient, shard[i] & 0xff);
        }
    }
}
