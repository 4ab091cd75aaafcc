package io.varve.job.definition.render;

import io.varve.job.definition.Definition;
import io.varve.job.definition.DefinitionFile;
import io.varve.job.definition.Problem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a definition needs to become a CronJob, beyond being valid. */
public final class RenderChecks {

    /** The controller looks every ten seconds: what has to start sooner may never start. */
    private static final long SHORTEST_DEADLINE_SECONDS = 10;

    /** Of sweeps, movers, exporters: a CronJob or its Jobs would be taken for one. */
    private static final String OWN = "varve-";

    private RenderChecks() {}

    /** The problems of all files, those of validity first in each. */
    public static List<Problem> problems(List<DefinitionFile> files) {
        List<Problem> problems = new ArrayList<>();
        Map<String, DefinitionFile> owners = new HashMap<>();
        for (DefinitionFile file : files) {
            problems.addAll(file.problems());
            file.definition()
                    .ifPresent(
                            definition -> {
                                check(file, definition, problems);
                                checkDatabase(
                                        file,
                                        definition,
                                        Optional.ofNullable(
                                                owners.putIfAbsent(definition.namespace(), file)),
                                        problems);
                            });
        }
        problems.addAll(new SharedSettings(files).problems());
        return problems;
    }

    private static void check(DefinitionFile file, Definition definition, List<Problem> problems) {
        if (definition.name().startsWith(OWN)) {
            problems.add(
                    at(
                            file,
                            "name",
                            "begins with %s, as what Varve makes by itself does; found %s"
                                    .formatted(OWN, definition.name())));
        }
        MountChecks.inTheWay(definition)
                .ifPresent(
                        taken ->
                                problems.add(
                                        at(
                                                file,
                                                "repository.location",
                                                "is where its claim is mounted in pods, which have %s there; use another folder, such as file:///repository"
                                                        .formatted(taken))));
        if (definition.image().isEmpty()) {
            problems.add(
                    at(
                            file,
                            "image",
                            "is missing; pods need the program's image, best by its digest"));
        }
        if (definition.schedule().isEmpty()) {
            problems.add(
                    at(
                            file,
                            "schedule",
                            "is missing; a CronJob needs cron and timeZone, and may be suspended"));
        }
        definition
                .schedule()
                .map(Definition.Schedule::startingDeadline)
                .filter(deadline -> CronJobFiles.seconds(deadline) < SHORTEST_DEADLINE_SECONDS)
                .ifPresent(
                        deadline ->
                                problems.add(
                                        at(
                                                file,
                                                "schedule.startingDeadline",
                                                "is at least 10s, else runs may never start; found "
                                                        + deadline)));
    }

    /** Leases, node slots and history are the namespace's: runs have to see each other there. */
    private static void checkDatabase(
            DefinitionFile file,
            Definition definition,
            Optional<DefinitionFile> first,
            List<Problem> problems) {
        first.filter(
                        other ->
                                !other.definition()
                                        .orElseThrow()
                                        .database()
                                        .equals(definition.database()))
                .ifPresent(
                        other ->
                                problems.add(
                                        at(
                                                file,
                                                "database",
                                                "is another one than that of %s; definitions of one namespace (%s) share it"
                                                        .formatted(
                                                                other.path(),
                                                                definition.namespace()))));
    }

    static Problem at(DefinitionFile file, String field, String message) {
        return new Problem(file.path().toString(), 1, 1, field, message);
    }
}
