package io.varve.format;

import io.varve.format.json.JsonFields;
import java.util.Optional;
import java.util.Set;

/**
 * Something that a program must understand to open a repository.
 *
 * @param feature its name
 * @param warnOnly whether a program that does not understand it may go on
 * @param message what to tell people then; may be empty
 * @param url where they can read more; may be empty
 * @param upgradeToVersion the version to upgrade to; may be empty
 */
public record RequiredFeature(
        String feature, boolean warnOnly, String message, String url, String upgradeToVersion) {

    private static final Set<String> UNDERSTOOD = Set.of("index-v1", "index-v2");

    /** Whether this program understands it. */
    public boolean isUnderstood() {
        return UNDERSTOOD.contains(feature);
    }

    /** The feature and what its author has to say about it, as one line. */
    public String describe() {
        StringBuilder text = new StringBuilder("feature '").append(feature).append("'");
        text.append(message.isEmpty() ? "" : ": " + message);
        text.append(url.isEmpty() ? "" : " (see " + url + ")");
        text.append(upgradeToVersion.isEmpty() ? "" : ", known from version " + upgradeToVersion);
        return text.toString();
    }

    static RequiredFeature read(JsonFields fields) throws CorruptFormatException {
        Optional<JsonFields> otherwise = fields.object("ifNotUnderstood");
        if (otherwise.isEmpty()) {
            return new RequiredFeature(fields.text("feature"), false, "", "", "");
        }
        JsonFields consequence = otherwise.get();
        return new RequiredFeature(
                fields.text("feature"),
                consequence.flag("warn"),
                consequence.text("message"),
                consequence.text("url"),
                consequence.text("upgradeToVersion"));
    }
}
