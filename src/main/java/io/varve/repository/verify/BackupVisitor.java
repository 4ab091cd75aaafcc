package io.varve.repository.verify;

import java.io.IOException;

/** Is told what a walk through one backup meets. */
interface BackupVisitor {

    /** The backup needs a content. */
    void needed(Reference reference) throws IOException;

    /**
     * What describes the data could not be read, or does not fit.
     *
     * @param offset of the bytes of the volume or file that it touches
     * @param length of these bytes; 0 if they are no range
     * @param contentId of what was read; empty if that is no content
     */
    void damaged(long offset, long length, String contentId, IOException problem)
            throws IOException;
}
