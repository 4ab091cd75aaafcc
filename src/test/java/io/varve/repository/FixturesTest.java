package io.varve.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.Fixtures;
import io.varve.NeedsFixtures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Every algorithm, compression, version and layout that kopia 0.23.1 knows. */
@NeedsFixtures
class FixturesTest extends KopiaRepositoryContract {

    private static final int FIXTURES = 25;

    @Override
    protected List<Path> fixtures() throws IOException {
        List<Path> fixtures = KopiaFixture.allIn(Fixtures.root().resolve("kopia"));
        assertThat(fixtures).hasSize(FIXTURES);
        return fixtures;
    }
}
