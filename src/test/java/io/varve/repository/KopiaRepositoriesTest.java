package io.varve.repository;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.List;

/** The few repositories that lie in this project: src/test/resources/kopia/README.md. */
class KopiaRepositoriesTest extends KopiaRepositoryContract {

    @Override
    protected List<Path> fixtures() throws IOException {
        URL folder = KopiaRepositoriesTest.class.getResource("/kopia");
        assertThat(folder).isNotNull();
        try {
            List<Path> fixtures = KopiaFixture.allIn(Path.of(folder.toURI()));
            assertThat(fixtures).hasSize(4);
            return fixtures;
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
