// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonModel
import GibbonSchema
import GibbonStore
import Testing

@Suite struct DeclarativeExporterTests {
  private let text = """
    _format_version: "3.0"
    services:
    - name: "yes"
      host: a
      retries: null
      tags: ["1", "no", "x y", "ü"]
      routes:
      - paths: [/, "~/a(b)\\\\d$"]
        headers: {X-A: ["*", "- x", "a: b", "#"]}
    consumers:
    - username: "42"
      keyauth_credentials: [{key: "0x10"}]
      basicauth_credentials: [{username: u, password: p}]
    upstreams:
    - name: u
      targets: [{target: "b:1"}]
    """

  @Test func whatIsExportedIsReadBackTheSame() throws {
    let rows = try parse(self.text).get().rows
    let exporter = DeclarativeExporter(registry: registry)
    #expect(try parse(String(decoding: exporter.yaml(of: rows), as: UTF8.self)).get().rows == rows)
    #expect(try parse(exporter.document(of: rows).description, format: .json).get().rows == rows)
  }

  @Test func writesReadableYAML() throws {
    let rows: [String: [JSONObject]] = [
      "services": [
        ["id": "i", "name": "s", "path": .null, "tags": ["a", "b"], "config": ["x": [:], "y": [["z": 1]]]]
      ],
      "routes": [["service": ["id": "0dc6f45b-8f8d-40d2-a504-473544ee190b"], "paths": []]],
    ]
    #expect(
      String(decoding: DeclarativeExporter(registry: registry).yaml(of: rows), as: UTF8.self) == """
        _format_version: "3.0"
        _transform: false
        services:
        - id: i
          name: s
          tags:
          - a
          - b
          config:
            x: {}
            "y":
            - z: 1
        routes:
        - service: "0dc6f45b-8f8d-40d2-a504-473544ee190b"
          paths: []

        """)
  }
}
