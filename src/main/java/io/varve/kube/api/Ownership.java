package io.varve.kube.api;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Marks objects as Varve's, and reads the marks. They are persisted: in clusters lie objects that
 * older versions made.
 *
 * <p>Annotations hold the values in full. Labels are for finding and hold at most 63 characters of
 * few kinds; a value that does not fit stands there as a digest.
 */
public final class Ownership {

    private static final String PREFIX = "varve.io/";
    public static final String MANAGED_BY = "app.kubernetes.io/managed-by";
    public static final String VARVE = "varve";
    public static final String INSTALLATION = PREFIX + "installation";
    public static final String DEFINITION = PREFIX + "definition";
    public static final String VOLUME_UID = PREFIX + "volume-uid";
    public static final String VOLUME_HANDLE = PREFIX + "volume-handle";
    public static final String RUN = PREFIX + "run";
    public static final String REPOSITORY = PREFIX + "repository";
    public static final String ROLE = PREFIX + "role";
    public static final String BACKUP = PREFIX + "backup";

    private static final Pattern LABEL =
            Pattern.compile("[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?");

    private final Identity identity;

    Ownership(Identity identity) {
        this.identity = identity;
    }

    /** Metadata of a new object. */
    public ObjectMeta metadata(RunObjects objects, Role role, String namespace, String name) {
        Map<String, String> values = values(objects);
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put(MANAGED_BY, VARVE);
        labels.put(ROLE, role.toString());
        values.forEach((key, value) -> labels.put(key, label(value)));
        return new ObjectMetaBuilder()
                .withNamespace(namespace.isEmpty() ? null : namespace)
                .withName(name)
                .withLabels(labels)
                .withAnnotations(values)
                .build();
    }

    /** Annotations of an object that becomes another's: without labels it is no longer Varve's. */
    public Map<String, String> marks(RunObjects objects) {
        return values(objects);
    }

    private Map<String, String> values(RunObjects objects) {
        Map<String, String> values = new LinkedHashMap<>();
        values.put(INSTALLATION, identity.installation());
        values.put(RUN, objects.run());
        values.put(DEFINITION, objects.definition());
        values.put(VOLUME_UID, objects.volumeUid());
        values.put(REPOSITORY, objects.repository());
        return values;
    }

    /** Metadata of an object that belongs to no run. */
    public ObjectMeta metadata(Role role, String name) {
        return new ObjectMetaBuilder()
                .withName(name)
                .addToLabels(MANAGED_BY, VARVE)
                .addToLabels(ROLE, role.toString())
                .addToLabels(INSTALLATION, label(identity.installation()))
                .addToAnnotations(INSTALLATION, identity.installation())
                .build();
    }

    /** Finds what {@link #metadata} marked. */
    public String selector(RunObjects objects, Role role) {
        return "%s=%s,%s=%s,%s=%s,%s=%s,%s"
                .formatted(
                        ROLE,
                        role,
                        RUN,
                        label(objects.run()),
                        VOLUME_UID,
                        label(objects.volumeUid()),
                        REPOSITORY,
                        label(objects.repository()),
                        selector());
    }

    public String selector(Role role) {
        return "%s=%s,%s".formatted(ROLE, role, selector());
    }

    private String selector() {
        return "%s=%s,%s=%s"
                .formatted(MANAGED_BY, VARVE, INSTALLATION, label(identity.installation()));
    }

    /** Finds what any installation made. */
    public static String anyInstallation() {
        return MANAGED_BY + "=" + VARVE;
    }

    /** Made by this installation. */
    public boolean isOurs(HasMetadata object) {
        return VARVE.equals(labelOf(object, MANAGED_BY)) && isMarked(object);
    }

    private boolean isMarked(HasMetadata object) {
        return annotation(object, INSTALLATION).equals(Optional.of(identity.installation()));
    }

    /** Made by this installation for these. */
    public boolean isOf(RunObjects objects, HasMetadata object) {
        return isOurs(object) && bearsMarks(objects, object);
    }

    /** Bears their {@link #marks}. */
    public boolean bearsMarks(RunObjects objects, HasMetadata object) {
        return isMarked(object)
                && owner(object)
                        .filter(
                                owner ->
                                        owner.run().equals(objects.run())
                                                && owner.volumeUid().equals(objects.volumeUid())
                                                && owner.repository().equals(objects.repository()))
                        .isPresent();
    }

    /** Whose it is; empty if it belongs to no run, or does not say to which. */
    public static Optional<RunObjects> owner(HasMetadata object) {
        return annotation(object, RUN)
                .filter(run -> !run.isEmpty() && run.length() <= 64)
                .map(
                        run ->
                                new RunObjects(
                                        run,
                                        annotation(object, DEFINITION).orElse(""),
                                        annotation(object, VOLUME_UID).orElse(""),
                                        annotation(object, REPOSITORY).orElse("")));
    }

    public static boolean has(Role role, HasMetadata object) {
        return role.toString().equals(labelOf(object, ROLE));
    }

    public static Optional<String> annotation(HasMetadata object, String key) {
        Map<String, String> annotations = object.getMetadata().getAnnotations();
        return annotations == null ? Optional.empty() : Optional.ofNullable(annotations.get(key));
    }

    public static String labelOf(HasMetadata object, String key) {
        Map<String, String> labels = object.getMetadata().getLabels();
        return labels == null ? "" : labels.getOrDefault(key, "");
    }

    /** The value, or what stands for it in a label. */
    public static String label(String value) {
        return value.isEmpty() || LABEL.matcher(value).matches()
                ? value
                : "sha256-" + RunObjects.digest(value);
    }
}
