package io.varve.crash;

import io.varve.catalog.Run;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Places where something else is half done each time. A few die in each build, a share of the
 * others where time is given: {@link Moments#share}.
 */
enum CrashSite {
    BACKUP_BEFORE_ANYTHING("commit:before:1"),
    BACKUP_BEFORE_SNAPSHOT("step=snapshot:before:1"),
    BACKUP_AFTER_SNAPSHOT("step=snapshot:after:1"),
    BACKUP_BEFORE_PLAN("step=plan:before:1"),
    BACKUP_AFTER_PLAN("step=plan:after:1"),
    BACKUP_BEFORE_TRANSFER("step=transfer:before:1"),
    BACKUP_BEFORE_A_RANGE("step=transferRange:before:1"),
    BACKUP_BEFORE_THE_SESSION_MARKER("put=s:before:1"),
    BACKUP_AFTER_THE_SESSION_MARKER("put=s:after:1"),
    BACKUP_AFTER_THE_FIRST_PACK("put=p:after:1"),
    BACKUP_BEFORE_A_CHUNK_IS_COMMITTED("put=p:after:2>commit:before:1"),
    BACKUP_AFTER_A_CHUNK_IS_COMMITTED("put=p:after:2>commit:after:2", true),
    BACKUP_AFTER_THE_THIRD_PACK("put=p:after:3"),
    BACKUP_AFTER_A_RANGE("step=transferRange:after:1"),
    BACKUP_AFTER_TRANSFER("step=transfer:after:1"),
    BACKUP_BEFORE_PUBLISH("step=publish:before:1"),
    BACKUP_BEFORE_THE_INDEX("put=xn:before:1"),
    BACKUP_AFTER_THE_INDEX("put=xn:after:1"),
    BACKUP_AFTER_THE_TABLE("put=q:after:1"),
    BACKUP_AFTER_THE_INDEX_OF_THE_TABLE("put=xn:after:2"),
    BACKUP_AFTER_THE_MANIFEST("put=q:after:2"),
    // The backup is there, the database does not know.
    BACKUP_AFTER_THE_INDEX_OF_THE_MANIFEST("put=xn:after:3", true),
    BACKUP_BEFORE_IT_IS_RECORDED_AS_PUBLISHED("put=xn:after:3>commit:before:1"),
    BACKUP_AFTER_IT_IS_RECORDED_AS_PUBLISHED("put=xn:after:3>commit:after:1"),
    BACKUP_AFTER_PUBLISH("step=publish:after:1"),
    BACKUP_BEFORE_RELEASE("step=release:before:1"),
    BACKUP_AFTER_RELEASE("step=release:after:1"),
    BACKUP_AFTER_THE_LAST_STEP_IS_RECORDED("step=release:after:1>commit:after:1"),

    RESTORE_BEFORE_RESOLVE("step=resolve:before:1"),
    RESTORE_AFTER_RESOLVE("step=resolve:after:1"),
    RESTORE_BEFORE_PROVISION("step=provision:before:1"),
    RESTORE_AFTER_PROVISION("step=provision:after:1"),
    RESTORE_BEFORE_TRANSFER("step=transfer:before:1"),
    RESTORE_BEFORE_A_FLUSH("flush:before:1"),
    RESTORE_AFTER_A_FLUSH("flush:after:1"),
    RESTORE_AFTER_A_CHUNK_IS_COMMITTED("flush:after:2>commit:after:2", true),
    RESTORE_AFTER_THE_LAST_FLUSH("flush:after:4"),
    RESTORE_AFTER_A_RANGE("step=transferRange:after:1"),
    RESTORE_AFTER_TRANSFER("step=transfer:after:1"),
    RESTORE_BEFORE_VERIFY("step=verify:before:1"),
    RESTORE_AFTER_VERIFY("step=verify:after:1"),
    RESTORE_BEFORE_RELEASE("step=release:before:1"),
    RESTORE_AFTER_RELEASE("step=release:after:1"),

    DELETE_BEFORE_RESOLVE("step=resolve:before:1"),
    DELETE_AFTER_RESOLVE("step=resolve:after:1"),
    DELETE_BEFORE_DELETE("step=delete:before:1"),
    DELETE_AFTER_THE_SESSION_MARKER("put=s:after:1"),
    DELETE_AFTER_THE_TOMBSTONES("put=q:after:1"),
    DELETE_BEFORE_THE_INDEX("put=xn:before:1"),
    // The backup is gone, the database does not know.
    DELETE_AFTER_THE_INDEX("put=xn:after:1", true),
    DELETE_AFTER_DELETE("step=delete:after:1"),
    DELETE_BEFORE_RELEASE("step=release:before:1"),
    DELETE_AFTER_RELEASE("step=release:after:1");

    private final String point;
    private final boolean inEachBuild;

    CrashSite(String point) {
        this(point, false);
    }

    CrashSite(String point, boolean inEachBuild) {
        this.point = point;
        this.inEachBuild = inEachBuild;
    }

    /** For {@link CrashPoint}. */
    String point() {
        return point;
    }

    /** As a name of files and volumes. */
    String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Those of one kind of run that die in each build. */
    static Stream<CrashSite> inEachBuild(Run.Kind kind) {
        return of(kind).filter(site -> site.inEachBuild);
    }

    /** A share of the others. */
    static Stream<CrashSite> share(Run.Kind kind) {
        return Moments.share(of(kind).filter(site -> !site.inEachBuild).toList()).stream();
    }

    private static Stream<CrashSite> of(Run.Kind kind) {
        return Stream.of(values()).filter(site -> site.name().startsWith(kind.name() + "_"));
    }
}
