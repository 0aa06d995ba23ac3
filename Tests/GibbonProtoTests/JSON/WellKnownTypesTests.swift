// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonProto

@Suite struct WellKnownTypesTests {
  private static let types = """
    import "google/protobuf/any.proto"; import "google/protobuf/duration.proto";
    import "google/protobuf/empty.proto"; import "google/protobuf/field_mask.proto";
    import "google/protobuf/struct.proto"; import "google/protobuf/timestamp.proto";
    import "google/protobuf/wrappers.proto";
    message M {
      google.protobuf.Any any = 1; google.protobuf.Duration d = 2; google.protobuf.Empty e = 3;
      google.protobuf.FieldMask mask = 4; google.protobuf.Struct s = 5; google.protobuf.Timestamp t = 6;
      google.protobuf.Value v = 7; google.protobuf.ListValue l = 8; google.protobuf.NullValue n = 9;
      google.protobuf.DoubleValue wd = 10; google.protobuf.FloatValue wf = 11; google.protobuf.Int64Value wi64 = 12;
      google.protobuf.UInt64Value wu64 = 13; google.protobuf.Int32Value wi32 = 14;
      google.protobuf.UInt32Value wu32 = 15;
      google.protobuf.BoolValue wb = 16; google.protobuf.StringValue ws = 17; google.protobuf.BytesValue wy = 18;
    }
    message Leaf { int32 x = 1; }
    """

  /// What goes in comes out: there and back through the wire.
  @Test(arguments: [
    #""d":"1.500s""#, #""d":"-1.500s""#, #""d":"0s""#, #""d":"-0.000000001s""#, #""d":"315576000000s""#,
    #""d":"1.000001s""#, #""e":{}"#, #""mask":"fooBar.baz,x""#, #""mask":"""#,
    #""s":{"a":1,"b":[true,null],"c":{"d":"e"}}"#,
    #""s":{}"#, #""t":"1970-01-01T00:00:00Z""#, #""t":"0001-01-01T00:00:00Z""#,
    #""t":"9999-12-31T23:59:59.999999999Z""#,
    #""t":"2024-02-29T12:34:56.789Z""#, #""t":"1900-03-01T00:00:00.000001Z""#, #""t":"2000-12-31T23:59:59Z""#,
    #""v":null"#, #""v":1.5"#, #""v":"x""#, #""v":false"#, #""v":{"a":{}}"#, #""v":[[],[1]]"#, #""l":[1,"a",null]"#,
    #""l":[]"#,
    #""wd":0"#, #""wf":1.5"#, #""wi64":"-5""#, #""wu64":"5""#, #""wi32":0"#, #""wu32":7"#, #""wb":false"#, #""ws":"""#,
    #""wy":"AA==""#,
    #""any":{"@type":"type.googleapis.com/Leaf","x":5}"#,
    #""any":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"1s"}"#,
    #""any":{"@type":"a/google.protobuf.Any","value":{"@type":"b/Leaf","x":1}}"#,
    #""any":{"@type":"x/google.protobuf.Empty"}"#,
    #""any":{"@type":"x/google.protobuf.StringValue","value":"a"}"#, #""any":{}"#,
  ])
  func thereAndBack(member: String) throws {
    let pool = try pool(Self.types)
    let json = pool.decoded("M", pool.encoded("M", "{\(member)}"))
    let want = member.hasPrefix("\"n\"") ? "{\(member)}" : "{\(member),\"n\":null}"
    // `n` has no presence; it stands before the wrappers.
    let alternative = "{\"n\":null,\(member)}"
    #expect(json == want || json == alternative, "\(json)")
  }

  @Test(arguments: [
    (#""t":"1970-01-01T01:00:00+01:00""#, "3200"),
    (#""t":"1969-12-31T23:59:59.5-00:00""#, "321108ffffffffffffffffff011080cab5ee01"),
    (#""d":"1s""#, "12020801"), (#""wi64":"5""#, "62020805"), (#""wi64":5"#, "62020805"),
    (#""wb":false"#, "820100"),
    (#""wb":null"#, ""), (#""n":null"#, ""), (#""n":"NULL_VALUE""#, ""), (#""v":null"#, "3a020800"),
    (#""mask":"fooBar""#, "22090a07666f6f5f626172"),
  ])
  func bytesAreThoseOfProtobuf(member: String, wire: String) throws {
    #expect(try pool(Self.types).encoded("M", "{\(member)}") == wire)
  }

  @Test(arguments: [
    #""t":"1970-01-01""#, #""t":"1970-13-01T00:00:00Z""#, #""t":"1970-02-29T00:00:00Z""#,
    #""t":"1970-01-01T24:00:00Z""#,
    #""t":"1970-01-01T00:00:60Z""#, #""t":"1970-01-01T00:00:00""#, #""t":"1970-01-01T00:00:00.Z""#,
    #""t":"0000-01-01T00:00:00Z""#,
    #""t":"1970-01-01T00:00:00.0000000001Z""#, #""t":"0001-01-01T00:00:00+00:01""#, #""t":"9999-12-31T23:59:59-00:01""#,
    #""t":5"#,
    #""t":"1970-01-01T00:00:00Zx""#, #""d":"1""#, #""d":"s""#, #""d":"1.s""#, #""d":"1.0000000001s""#,
    #""d":"315576000001s""#,
    #""d":"9999999999999999s""#, #""d":"--1s""#, #""d":1"#, #""e":1"#, #""s":[]"#, #""l":{}"#, #""mask":["a"]"#,
    #""ws":1"#, #""wi32":"x""#,
    #""any":{"x":1}"#, #""any":{"@type":"x/Nope"}"#, #""any":{"@type":1}"#, #""any":[]"#,
  ])
  func otherTextsAreRefused(member: String) throws {
    let found = try pool(Self.types).encoded("M", "{\(member)}")
    #expect(found.contains("expected"), "\(found)")
  }

  /// What a service may send and JSON does not have.
  @Test(arguments: [
    ("3208 10 ffffffff ff ff 7f", "a google.protobuf.Timestamp is out of range"),
    ("320b 08 ffffffffffffffffff01 ", #""t":"1969-12-31T23:59:59Z""#),
    ("3206 08 ff ff ff ff 7f", "{"), ("120b 08 8080808080808080 8001", "a google.protobuf.Duration is out of range"),
    ("1204 0801 10 ff", "the message is cut off"),
    ("120d 0801 10 ffffffffffffffffff01", "a google.protobuf.Duration is out of range"),
    ("3a09 11 000000000000f87f", "a google.protobuf.Value has a number that JSON has not"), ("3a00", #""v":null"#),
    ("0a08 0a02 782f 1202 0801", #""any":{"@type":"x/","value":"CAE="}"#),
    ("0a0a 0a06 782f4c656166 1200", #""any":{"@type":"x/Leaf","x":0}"#),
    ("0a0b 0a06 782f4c656166 1201 08", "the message is cut off"),
  ])
  func hostileValues(wire: String, part: String) throws {
    let json = try pool(Self.types).decoded("M", wire)
    #expect(json.contains(part), "\(json)")
  }

  /// Each `Any` in another would take a copy and a place on the stack.
  @Test func anyInsideOfAnyIsBounded() throws {
    let pool = try pool(Self.types)
    func nested(_ count: Int) -> [UInt8] {
      let url = Array("/google.protobuf.Any".utf8)
      return (0..<count).reduce([]) { inner, _ in
        var writer = WireWriter()
        writer.tag(1, .lengthDelimited)
        writer.delimited(url)
        writer.tag(2, .lengthDelimited)
        writer.delimited(inner)
        return writer.bytes
      }
    }
    #expect(pool.decoded("google.protobuf.Any", nested(3)).contains("@type"))
    #expect(pool.decoded("google.protobuf.Any", nested(5)) == "the message is nested too deep")
    #expect(pool.decoded("google.protobuf.Any", nested(2000)) == "the message is nested too deep")
  }

  @Test func everyDayOfTheCalendarComesBack() throws {
    for day in stride(from: -719_162 as Int64, through: 2_932_896, by: 97) {
      let text = try Timestamp.text(day * 86_400 + 43_199, 0)
      #expect(try Timestamp.parse(text, at: "").seconds == day * 86_400 + 43_199)
    }
    #expect(try Timestamp.text(951_782_400, 0) == "2000-02-29T00:00:00Z")
    #expect(try Timestamp.text(-1, 999_999_999) == "1969-12-31T23:59:59.999999999Z")
  }
}
