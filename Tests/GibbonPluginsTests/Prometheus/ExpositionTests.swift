// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// The reader that the other tests rely on refuses what is no page of metrics.
@Suite struct ExpositionTests {
  private static let histogram = """
    # HELP h Help
    # TYPE h histogram
    h_bucket{a="b",le="1"} 1
    h_bucket{a="b",le="+Inf"} 2
    h_count{a="b"} 2
    h_sum{a="b"} 9

    """

  @Test func aPageIsRead() throws {
    let page = try Exposition(
      parsing: #"""
        # HELP c Some help
        # TYPE c counter
        c{a="x",b="\\ \" \n"} 3
        # HELP g Help
        # TYPE g gauge
        g -1.5

        """# + Self.histogram)
    #expect(page.names == ["c", "g", "h"] && page["c"]?.help == "Some help" && page["h"]?.type == "histogram")
    #expect(page.value("c", ["b": "\\ \" \n"]) == 3 && page.value("g") == -1.5)
    #expect(page.value("h_bucket", ["le": "1"]) == 1 && page.values("h_bucket") == [1, 2])
  }

  @Test(
    arguments: [
      "c 1\n", "# HELP c x\nc 1\n", "# TYPE c counter\nc 1\n", "# HELP c x\n# TYPE c counter\n",
      "# HELP c x\n# TYPE c count\nc 1\n", "# HELP c x\n# TYPE c counter\nd 1\n", "# HELP c x\n# TYPE c counter\nc 1",
      "# HELP c x\n# TYPE c counter\nc -1\n", "# HELP c x\n# TYPE c counter\nc nan\n",
      "# HELP c x\n# TYPE c counter\nc  1\n", "# HELP c x\n# TYPE c counter\nc 1 \n",
      "# HELP c x\n# TYPE c counter\nc 1\n\n", "# HELP c x\n# TYPE c counter\nc 1\nc 2\n",
      "# HELP c x\n# TYPE c counter\nc 1\n# HELP c x\n# TYPE c counter\nc{a=\"b\"} 1\n",
      "# HELP c x\n# TYPE c counter\nc{} 1\n", "# HELP c x\n# TYPE c counter\nc{a=b} 1\n",
      "# HELP c x\n# TYPE c counter\nc{a=\"b\",} 1\n", "# HELP c x\n# TYPE c counter\nc{a=\"b\",a=\"c\"} 1\n",
      "# HELP c x\n# TYPE c counter\nc{a=\"b} 1\n", "# HELP c x\n# TYPE c counter\nc{a=\"b\n\"} 1\n",
      "# HELP c x\n# TYPE c counter\nc{a=\"\\t\"} 1\n", "# HELP c x\n# TYPE c counter\nc{1a=\"b\"} 1\n",
      "# HELP c x\n# TYPE c counter\nc{a=\"b\"}1\n",
    ]) func malformedPagesAreRefused(page: String)
  {
    #expect(throws: HarnessError.self) { try Exposition(parsing: page) }
  }

  @Test(
    arguments: [
      (#"le="1"} 1"#, #"le="1"} 3"#), (#"le="1"}"#, #"lf="1"}"#), (#"le="1"}"#, #"le="x"}"#),
      (#"le="+Inf"} 2"#, #"le="0"} 2"#), (#"le="+Inf"} 2"#, #"le="2"} 2"#),
      (#"h_count{a="b"} 2"#, #"h_count{a="b"} 3"#),
      (#"h_count{a="b"} 2"#, #"h_count{a="c"} 2"#), (#"h_sum{a="b"} 9"#, #"h{a="b"} 9"#),
    ]) func histogramsThatContradictThemselvesAreRefused(from: String, to: String) throws
  {
    #expect(throws: Never.self) { try Exposition(parsing: Self.histogram) }
    #expect(throws: HarnessError.self) { try Exposition(parsing: Self.histogram.replacing(from, with: to)) }
  }
}
