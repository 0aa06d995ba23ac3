// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonProto

@Suite struct JSONMappingTests {
  private static let types = """
    message M {
      double d = 1; float f = 2; int32 i32 = 3; int64 i64 = 4; uint32 u32 = 5; uint64 u64 = 6; sint32 s32 = 7;
      sint64 s64 = 8; fixed32 f32 = 9; fixed64 f64 = 10; sfixed32 sf32 = 11; sfixed64 sf64 = 12; bool b = 13;
      string s = 14; bytes data = 15; E e = 16;
    }
    enum E { ZERO = 0; ONE = 1; MINUS = -1; }
    message Many {
      repeated int32 packed = 1; repeated int32 loose = 2 [packed = false]; repeated string texts = 3;
      repeated M messages = 4; repeated E enums = 5;
      map<string, int32> by_name = 6; map<int64, string> by_number = 7; map<bool, E> by_truth = 8;
      map<uint32, Leaf> leaves = 9;
    }
    message Leaf { int32 x = 1; }
    message Presence { optional int32 maybe = 1; int32 plain = 2; Leaf leaf = 3;
      oneof o { string a = 4; int32 b = 5; } }
    message Names { string long_name = 1; string other_name = 2 [json_name = "@other"]; }
    """

  /// Field, JSON in, bytes, JSON out where it differs.
  @Test(arguments: [
    ("d", "1.5", "09000000000000f83f", nil), ("d", "1", "09000000000000f03f", nil),
    ("d", "\"2.5e1\"", "090000000000003940", "25"), ("d", "\"NaN\"", "09000000000000f87f", nil),
    ("d", "\"Infinity\"", "09000000000000f07f", nil), ("d", "\"-Infinity\"", "09000000000000f0ff", nil),
    ("f", "0.1", "15cdcccc3d", nil), ("f", "\"-Infinity\"", "15000080ff", nil),
    ("f", "3e38", "15e6b1617f", "3e+38"),
    ("i32", "-1", "18ffffffffffffffffff01", nil), ("i32", "\"7\"", "1807", "7"), ("i32", "1e3", "18e807", "1000"),
    ("i32", "-2147483648", "1880808080f8ffffffff01", nil), ("i32", "\"1.0\"", "1801", "1"),
    ("i64", "\"9223372036854775807\"", "20ffffffffffffffff7f", nil), ("i64", "5", "2005", "\"5\""),
    ("i64", "\"-9223372036854775808\"", "2080808080808080808001", nil),
    ("u32", "4294967295", "28ffffffff0f", nil), ("u64", "\"18446744073709551615\"", "30ffffffffffffffffff01", nil),
    ("s32", "-2", "3803", nil), ("s32", "-2147483648", "38ffffffff0f", nil), ("s64", "\"-1\"", "4001", nil),
    ("s64", "\"-9223372036854775808\"", "40ffffffffffffffffff01", nil),
    ("f32", "1", "4d01000000", nil), ("f64", "\"1\"", "510100000000000000", nil), ("sf32", "-1", "5dffffffff", nil),
    ("sf64", "\"-1\"", "61ffffffffffffffff", nil), ("b", "true", "6801", nil), ("s", "\"aé\\n\"", "720461c3a90a", nil),
    ("data", "\"AAH/\"", "7a030001ff", nil), ("data", "\"__8\"", "7a02ffff", "\"//8=\""),
    ("e", "\"ONE\"", "800101", nil),
    ("e", "1", "800101", "\"ONE\""), ("e", "-1", "8001ffffffffffffffffff01", "\"MINUS\""), ("e", "77", "80014d", nil),
  ])
  func scalarsBothWays(field: String, json: String, wire: String, back: String?) throws {
    let pool = try pool(Self.types)
    #expect(pool.encoded("M", "{\"\(field)\":\(json)}") == wire)
    let decoded = pool.decoded("M", wire)
    #expect(decoded.contains("\"\(field)\":\(back ?? json)"), "\(decoded)")
  }

  @Test(arguments: [
    ("i32", "2147483648", "an integer of 32 bits"), ("i32", "1.5", "an integer of 32 bits"),
    ("i32", "\"\"", "an integer of 32 bits"), ("i32", "\"abc\"", "an integer of 32 bits"),
    ("i32", "true", "an integer of 32 bits"), ("i32", "[1]", "an integer of 32 bits"),
    ("i64", "9223372036854775808", "an integer of 64 bits"),
    ("i64", "\"9223372036854775808\"", "an integer of 64 bits"),
    ("u32", "-1", "a positive integer of 32 bits"), ("u64", "\"-1\"", "a positive integer of 64 bits"),
    ("u64", "18446744073709551615", "a positive integer of 64 bits"), ("d", "\"nan\"", "a number"),
    ("d", "\"0x10\"", "a number"), ("d", "\"\"", "a number"), ("d", "{}", "a number"),
    ("f", "1e39", "a number of 32 bits"),
    ("b", "1", "true or false"), ("b", "\"true\"", "true or false"), ("s", "1", "a string"),
    ("data", "\"a\"", "a string in base64"), ("data", "\"@@@@\"", "a string in base64"),
    ("e", "\"TWO\"", "a name or number of E"), ("e", "1.5", "a name or number of E"),
    ("e", "4294967296", "a name or number of E"),
  ])
  func otherValuesAreRefused(field: String, json: String, expected: String) throws {
    #expect(try pool(Self.types).encoded("M", "{\"\(field)\":\(json)}") == "\(field): expected \(expected)")
  }

  @Test func zerosAreNotSentAndAreShown() throws {
    let pool = try pool(Self.types)
    let zeros = #"{"d":0,"f":0,"i32":0,"i64":"0","u64":"0","b":false,"s":"","data":"","e":"ZERO","f32":0}"#
    #expect(pool.encoded("M", zeros) == "")
    let shown =
      #"{"d":0,"f":0,"i32":0,"i64":"0","u32":0,"u64":"0","s32":0,"s64":"0","f32":0,"f64":"0","sf32":0,"sf64":"0","#
      + #""b":false,"s":"","data":"","e":"ZERO"}"#
    #expect(pool.decoded("M", "") == shown)
    #expect(pool.encoded("M", "{\"d\":-0.0}") == "090000000000000080")
  }

  @Test func nullsAndUnknownMembersArePassedOver() throws {
    let pool = try pool(Self.types)
    #expect(pool.encoded("M", #"{"d":null,"s":null,"e":null,"nope":{"x":[1]},"i32":1}"#) == "1801")
    #expect(pool.encoded("Many", #"{"packed":null,"by_name":null,"messages":null,"texts":[]}"#) == "")
    #expect(pool.encoded("Many", #"{"packed":[null]}"#) == "packed[0]: expected an integer of 32 bits")
    #expect(pool.encoded("Many", #"{"messages":[null]}"#) == "messages[0]: expected an object")
    #expect(pool.encoded("M", "[]") == "expected an object")
  }

  @Test(arguments: [
    (#"{"packed":[1,300]}"#, "0a0301ac02"), (#"{"loose":[1,2]}"#, "10011002"), (#"{"texts":["","a"]}"#, "1a001a0161"),
    (#"{"messages":[{},{"i32":1}]}"#, "220022021801"), (#"{"enums":["ONE",0]}"#, "2a020100"),
    (#"{"by_name":{"a":1,"":0}}"#, "32050a01611001" + "32040a001000"),
    (#"{"by_number":{"-1":"x"}}"#, "3a0e08ffffffffffffffffff01120178"),
    (#"{"by_truth":{"true":"ONE"}}"#, "420408011001"),
    (#"{"leaves":{"7":{"x":1}}}"#, "4a06080712020801"),
  ])
  func repeatedFieldsAndMapsBothWays(json: String, wire: String) throws {
    let pool = try pool(Self.types)
    #expect(pool.encoded("Many", json) == wire)
    #expect(pool.encoded("Many", pool.decoded("Many", wire)) == wire)
  }

  @Test func emptyListsAndMapsAreShown() throws {
    #expect(
      try pool(Self.types).decoded("Many", "")
        == #"{"packed":[],"loose":[],"texts":[],"messages":[],"enums":[],"#
        + #""by_name":{},"by_number":{},"by_truth":{},"leaves":{}}"#
    )
  }

  @Test(arguments: [
    (#"{"packed":1}"#, "packed: expected an array"), (#"{"by_name":[]}"#, "by_name: expected an object"),
    (#"{"by_number":{"x":"y"}}"#, #"by_number["x"]: expected an integer of 64 bits"#),
    (#"{"by_truth":{"1":"ONE"}}"#, #"by_truth["1"]: expected true or false"#),
    (#"{"leaves":{"1":{"x":"y"}}}"#, #"leaves["1"].x: expected an integer of 32 bits"#),
  ])
  func mistakesSayWhere(json: String, message: String) throws {
    #expect(try pool(Self.types).encoded("Many", json) == message)
  }

  @Test func presenceIsKept() throws {
    let pool = try pool(Self.types)
    #expect(pool.decoded("Presence", "") == #"{"plain":0}"#)
    #expect(pool.encoded("Presence", #"{"maybe":0,"plain":0,"leaf":{},"a":""}"#) == "08001a002200")
    #expect(pool.decoded("Presence", "08001a002200") == #"{"maybe":0,"plain":0,"leaf":{"x":0},"a":""}"#)
    #expect(pool.encoded("Presence", #"{"a":"x","b":1}"#) == "b: expected only one field of its oneof")
    #expect(pool.encoded("Presence", #"{"a":"x","b":null}"#) == "220178")
  }

  @Test func namesAreThoseOfTheFileOrOfJSON() throws {
    let pool = try pool(Self.types)
    #expect(pool.encoded("Names", #"{"long_name":"a"}"#) == "0a0161")
    #expect(pool.encoded("Names", #"{"longName":"a","@other":"b"}"#) == "0a0161120162")
    #expect(pool.encoded("Names", #"{"other_name":"b"}"#) == "120162")
    #expect(pool.decoded("Names", "0a0161120162") == #"{"long_name":"a","@other":"b"}"#)
    #expect(pool.encoded("Names", #"{"long_name":"a","longName":"b"}"#) == "longName: expected the field once")
  }

  @Test func proto2HasPresenceAndLooseLists() throws {
    let text =
      "syntax = \"proto2\"; message M {"
      + " optional int32 a = 1 [default = 5]; repeated int32 b = 2; required string c = 3; }"
    let pool = try ProtoLoader.load(Array(text.utf8), path: "t")
    #expect(pool.encoded("M", #"{"a":0,"b":[1,2],"c":""}"#) == "0800100110021a00")
    #expect(pool.decoded("M", "") == #"{"b":[]}"#)
  }
}
