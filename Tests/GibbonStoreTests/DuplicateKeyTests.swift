// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonStore
import Testing

/// Keys given twice in a file: one of the two would be lost without a word.
@Suite struct DuplicateKeyTests {
  @Test(arguments: [
    (
      "services:\n- name: a\n  host: h\n  host: i\n",
      "kong.yml:5: not valid YAML: 'host' is given twice, on line 4 and on line 5"
    ),
    (
      "services: []\nroutes: []\nservices: []\n",
      "kong.yml:4: not valid YAML: 'services' is given twice, on line 2 and on line 4"
    ),
    (
      "consumers:\n- username: &x host\n  custom_id: c\n  *x : 1\n  host: 2\n",
      "kong.yml:6: not valid YAML: 'host' is given twice, on line 5 and on line 6"
    ),
  ])
  func yamlIsRefusedNamingBothLines(_ text: String, _ message: String) {
    #expect(reading(of: "_format_version: \"3.0\"\n" + text) == message)
  }

  @Test func jsonIsRefusedNamingBothLines() {
    let text = "{\"_format_version\": \"3.0\",\n\"services\": [],\n\"services\": []}"
    let message = "not valid JSON: 'services' is given twice, on line 2 and on line 3"
    #expect(reading(of: text, file: "kong.json") == "kong.json:3: \(message)")
    #expect(reading(of: text, file: "without-a-name") == "without-a-name:3: \(message)")
  }

  @Test func mergedKeysMayBeReplaced() {
    let text = """
      _format_version: "3.0"
      _comment: &defaults {host: h, port: 1}
      """
    #expect(reading(of: text).contains("_comment"))
    let good = """
      _format_version: "3.0"
      services:
      - &first {name: a, host: h}
      - {<<: *first, name: b}

      """
    #expect(reading(of: good).split(separator: "\n").count == 2)
  }
}
