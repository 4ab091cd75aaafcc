package io.varve.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.Endurance;
import io.varve.database.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: no moment is special. Method: 200 times a process is killed from outside after a random
 * time, by turns on each database and in a backup, a restore and a deletion, sometimes the same run
 * several times. Then the same command is let through: everything must be as if nothing had
 * happened.
 */
@Endurance
class RandomKillsIT {

    private static final int KILLS = Integer.getInteger("varve.kills", 200);
    private static final long SEED = Long.getLong("varve.seed", new Random().nextLong());

    /** One run of so many is killed again before it is let through. */
    private static final int AGAIN = 3;

    private final SplittableRandom random = new SplittableRandom(SEED);
    private int kills;
    private int living;
    private int begun;

    @Test
    void theSameCommandCompletesWhateverWasKilled(@TempDir Path folder) throws Exception {
        System.err.printf("RandomKillsIT: %d kills, -Dvarve.seed=%d%n", KILLS, SEED);
        List<RandomCommands> all = new ArrayList<>();
        for (TestDatabase kind : TestDatabase.values()) {
            Path home = Files.createDirectory(folder.resolve(kind.name()));
            all.add(new RandomCommands(kind, home, random.split()));
        }
        for (int round = 0; kills < KILLS; round++) {
            RandomCommands commands = all.get(round % all.size());
            killAndRevive(commands, commands.next(round / all.size()));
        }
        for (RandomCommands commands : all) {
            commands.end();
        }
        System.err.printf(
                "RandomKillsIT: seed %d: %d kills, %d met a living process, %d of these a run that had begun%n",
                SEED, kills, living, begun);
        assertThat(living).isGreaterThan(KILLS / 2);
    }

    private void killAndRevive(RandomCommands commands, RandomCommands.Command command)
            throws Exception {
        History before = commands.history();
        History left = before;
        boolean again;
        do {
            History previous = left;
            long millis = random.nextLong(commands.usualMillis(command));
            boolean lived = commands.killAfter(millis, command);
            kills++;
            left = commands.history();
            left.assertOneDied(previous);
            boolean over = left.completedSince(before);
            living += lived ? 1 : 0;
            begun += lived && !over && !left.runs().equals(before.runs()) ? 1 : 0;
            again = !over && kills < KILLS && random.nextInt(AGAIN) == 0;
        } while (again);
        commands.revive(command, before, left);
    }
}
