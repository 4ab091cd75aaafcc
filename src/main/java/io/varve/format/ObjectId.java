package io.varve.format;

/**
 * The name of an object: a content, or a list of objects. Text form {@code "I"* "Z"? contentId}; a
 * {@code D} before the content id is an obsolete mark that means nothing, read and never written.
 *
 * @param indirection how many lists deep the object is: 0 is the content itself, 1 is what the list
 *     in the content names, and so on; 0 to {@value #MAX_INDIRECTION}
 * @param compressed whether the content's plain bytes are a compressed stream behind a compression
 *     header, as format version 1 wrote them; never of an indirect object
 * @param content where the object, or its outermost list, is stored
 */
public record ObjectId(int indirection, boolean compressed, ContentId content) {

    /** Far above what any size needs: each level multiplies the reach by a thousand or more. */
    public static final int MAX_INDIRECTION = 16;

    public ObjectId {
        if (indirection < 0 || indirection > MAX_INDIRECTION) {
            throw new IllegalArgumentException(
                    "indirection is %d, not 0 to %d".formatted(indirection, MAX_INDIRECTION));
        }
        if (compressed && indirection > 0) {
            throw new IllegalArgumentException("an indirect object is never compressed as a whole");
        }
    }

    /** The object that is just {@code content}. */
    public static ObjectId of(ContentId content) {
        return new ObjectId(0, false, content);
    }

    /** Reads the form that {@link #toString()} gives. */
    public static ObjectId parse(String text) throws CorruptFormatException {
        int indirection = 0;
        while (indirection < text.length() && text.charAt(indirection) == 'I') {
            indirection++;
        }
        int at = indirection;
        boolean compressed = text.startsWith("Z", at);
        at += compressed ? 1 : 0;
        at += text.startsWith("D", at) ? 1 : 0;
        if (indirection > MAX_INDIRECTION) {
            throw corrupt(
                    text,
                    "%d levels of lists, at most %d are known"
                            .formatted(indirection, MAX_INDIRECTION));
        }
        if (compressed && indirection > 0) {
            throw corrupt(text, "an indirect object is never compressed as a whole");
        }
        return new ObjectId(indirection, compressed, ContentId.parse(text.substring(at)));
    }

    /** Whether the object is a list of others. */
    public boolean indirect() {
        return indirection > 0;
    }

    /**
     * The object whose bytes are this object's list.
     *
     * @throws IllegalStateException if this is not {@link #indirect()}
     */
    public ObjectId list() {
        if (!indirect()) {
            throw new IllegalStateException("object %s has no list".formatted(this));
        }
        return new ObjectId(indirection - 1, false, content);
    }

    /** The object that is listed in {@code list}. */
    public static ObjectId listedIn(ObjectId list) {
        if (list.compressed) {
            throw new IllegalArgumentException("list %s is compressed as a whole".formatted(list));
        }
        return new ObjectId(list.indirection + 1, false, list.content);
    }

    @Override
    public String toString() {
        String id = content.toString();
        if (compressed) {
            return "Z" + id;
        }
        return indirection == 0 ? id : "I".repeat(indirection) + id;
    }

    private static CorruptFormatException corrupt(String text, String problem) {
        return new CorruptFormatException("object id '%s'".formatted(text), 0, problem);
    }
}
