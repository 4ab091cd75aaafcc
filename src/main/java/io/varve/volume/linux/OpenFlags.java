package io.varve.volume.linux;

/**
 * Flags of {@code open(2)}, added together.
 *
 * @see <a
 *     href="https://github.com/torvalds/linux/blob/master/include/uapi/asm-generic/fcntl.h">fcntl.h</a>
 */
public final class OpenFlags {
    public static final int READ_ONLY = 0;
    public static final int READ_WRITE = 02;

    /** Creates a file, and fails where there is one already (O_CREAT and O_EXCL). */
    public static final int CREATE_NEW = 0100 | 0200;

    /** Of a block device: fails with EBUSY if it is mounted or claimed, and claims it (O_EXCL). */
    public static final int CLAIM = 0200;

    /**
     * Past the page cache (O_DIRECT). One of the few flags that differ between architectures: arm64
     * has its own.
     */
    public static final int DIRECT = directFlag(System.getProperty("os.arch"));

    /** Not inherited by programs that the process starts; always set (O_CLOEXEC). */
    static final int CLOSE_ON_EXEC = 02000000;

    private OpenFlags() {}

    static int directFlag(String architecture) {
        return switch (architecture) {
            case "amd64", "x86_64", "riscv64", "s390x" -> 0040000;
            case "aarch64" -> 0200000;
            default ->
                    throw new UnsupportedOperationException(
                            "volumes are read on Linux on x86-64, arm64, riscv64 and s390x; this is "
                                    + architecture);
        };
    }
}
