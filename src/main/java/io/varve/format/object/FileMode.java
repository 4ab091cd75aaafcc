package io.varve.format.object;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Permissions of a directory's entry, with the bits of Go's {@code fs.FileMode}: setuid, setgid and
 * sticky lie elsewhere than in Unix. As text in octal behind a 0.
 *
 * @param bits all 32 of them
 */
public record FileMode(int bits) {

    private static final int PERMISSIONS = 0777;
    private static final int SETUID = 1 << 23;
    private static final int SETGID = 1 << 22;
    private static final int STICKY = 1 << 20;

    private static final int UNIX_SETUID = 04000;
    private static final int UNIX_SETGID = 02000;
    private static final int UNIX_STICKY = 01000;
    private static final int UNIX_BITS = 07777;

    private static final Pattern OCTAL = Pattern.compile("0[0-7]{0,16}");

    /**
     * The mode with the twelve bits of Unix: setuid 04000, setgid 02000, sticky 01000, permissions.
     */
    public static FileMode ofUnix(int unix) {
        if ((unix & ~UNIX_BITS) != 0) {
            throw new IllegalArgumentException("mode 0%o has more than 12 bits".formatted(unix));
        }
        return new FileMode(
                (unix & PERMISSIONS)
                        | ((unix & UNIX_SETUID) != 0 ? SETUID : 0)
                        | ((unix & UNIX_SETGID) != 0 ? SETGID : 0)
                        | ((unix & UNIX_STICKY) != 0 ? STICKY : 0));
    }

    /** The mode that {@code text} names, unless it is no octal number of 32 bits behind a 0. */
    public static Optional<FileMode> parse(String text) {
        if (!OCTAL.matcher(text).matches()) {
            return Optional.empty();
        }
        long bits = Long.parseLong(text, 8);
        return bits >>> Integer.SIZE == 0
                ? Optional.of(new FileMode((int) bits))
                : Optional.empty();
    }

    /** The twelve bits of Unix; whatever else Go knows is dropped. */
    public int toUnix() {
        return (bits & PERMISSIONS)
                | ((bits & SETUID) != 0 ? UNIX_SETUID : 0)
                | ((bits & SETGID) != 0 ? UNIX_SETGID : 0)
                | ((bits & STICKY) != 0 ? UNIX_STICKY : 0);
    }

    @Override
    public String toString() {
        return "0" + Integer.toOctalString(bits);
    }
}
