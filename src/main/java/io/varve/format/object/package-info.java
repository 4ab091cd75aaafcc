/**
 * Objects: their names, the lists that make large objects out of small ones, and directories.
 *
 * <p>Lists are read and written as streams, in constant memory: the list of a 16 TiB volume is 1.1
 * GiB of JSON. Pure but for the streams that a caller hands in. Proved against bytes that kopia and
 * Velero wrote, and by damaging each byte of them.
 */
@NullMarked
package io.varve.format.object;

import org.jspecify.annotations.NullMarked;
