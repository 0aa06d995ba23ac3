// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonSchema

/// A declarative file as a value, before anything is known about entities.
struct SourceDocument {
  let value: JSONValue
  let map: SourceMap?
  let format: DeclarativeParser.Format

  /// Of a member given twice, one would be lost without a word.
  private static let limits = JSONParser.Limits(allowsRepeatedKeys: false)

  static func read(
    _ bytes: [UInt8], format: DeclarativeParser.Format?, mapsSource: Bool
  ) -> Result<SourceDocument, DeclarativeErrors> {
    switch format {
    case .json: return Self.json(bytes, mapsSource)
    case .yaml: return Self.yaml(bytes, mapsSource)
    case nil:
      let json = Self.json(bytes, mapsSource)
      if case .success = json { return json }
      let yaml = Self.yaml(bytes, mapsSource)
      // Of two failures the one that fits the first character is shown.
      if case .failure = yaml, Self.looksLikeJSON(bytes) { return json }
      return yaml
    }
  }

  private static func looksLikeJSON(_ bytes: [UInt8]) -> Bool {
    bytes.first { $0 > UInt8.space } == UInt8(ascii: "{")
  }

  private static func json(_ bytes: [UInt8], _ mapsSource: Bool) -> Result<SourceDocument, DeclarativeErrors> {
    if mapsSource {
      return JSONParser.parseMapped(bytes, limits: Self.limits).map {
        SourceDocument(value: $0.value, map: $0.map, format: .json)
      }.mapError(Self.failure)
    }
    return JSONParser.parse(bytes, limits: Self.limits).map {
      SourceDocument(value: $0, map: nil, format: .json)
    }.mapError(Self.failure)
  }

  private static func failure(_ error: JSONSyntaxError) -> DeclarativeErrors {
    DeclarativeParser.error("not valid JSON: \(error.message)", at: error.position)
  }

  private static func yaml(_ bytes: [UInt8], _ mapsSource: Bool) -> Result<SourceDocument, DeclarativeErrors> {
    YAMLReader.read(bytes, mapsSource: mapsSource).map { document in
      SourceDocument(value: document.value, map: document.map, format: .yaml)
    }.mapError { DeclarativeParser.error("not valid YAML: \($0.message)", at: $0.position) }
  }
}
