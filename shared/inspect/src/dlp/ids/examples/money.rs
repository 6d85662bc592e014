//! Examples: numbers of banks and of wallets.

use super::{Check, Example};

#[rustfmt::skip]
pub(super) const EXAMPLES: &[Example] = &[
    Example {
        check: Check::Aba, each_digit: true,
        valid: &["1110|00025", "1281|11910", "1088|72172"],
        invalid: &["3516|11449", "1300|00022", "8100|00025", "1110|00026", "0000|00000",
            "1110|0002"],
    },
    Example {
        check: Check::Bic, each_digit: false,
        valid: &["IIGAM|FWJ3IK", "ENMP|FR5O"],
        invalid: &["AGR|IFRP", "AGRI|ZZPP", "agri|frpp", "agri|FRpp", "AGR1|FRPP", "AGRI| FRPP",
            "AGRI|FRPP8", "AGRIFR|PP8820"],
    },
    Example {
        check: Check::CaTransit, each_digit: false,
        valid: &["0001|12345", "1234|5-001", "0003-|00102"],
        invalid: &["1123|45678", "0000|12345", "9000|00001", "000|1000", "0000|0-001",
            "1234|5-000", "1234|5-400"],
    },
    Example {
        check: Check::GbSortCode, each_digit: false,
        valid: &["20-0|0-00", "403|020"],
        invalid: &["00-0|0-00", "11-1|1-11", "00-1|2-34", "20-|00-0", "20-0|0-000"],
    },
    Example {
        check: Check::AuBsb, each_digit: false,
        valid: &["062|-000", "732|817"],
        invalid: &["000|-000", "111|-111", "062|-00", "062-|0000"],
    },
    Example {
        check: Check::InIfsc, each_digit: false,
        valid: &["SBIN0|005943", "HDFC0|CAGSBK"],
        invalid: &["SBIN1|005943", "SB1N0|005943", "SBIN0|00594", "SBIN00|059433"],
    },
    Example {
        check: Check::MxClabe, each_digit: true,
        valid: &["454756281|882903361", "474193276|007794974"],
        invalid: &["000180000|118359712", "032180000|118359718", "000180000|118359719",
            "03218000|011835971"],
    },
    Example {
        check: Check::ArCbu, each_digit: true,
        valid: &["63539345975|59639902558", "74194272626|14993447555"],
        invalid: &["28505910400|90418135201", "28505909400|90418135200",
            "28505909400|90418135202", "00000000000|00000000000", "2850590940|09041813520"],
    },
    Example {
        check: Check::Isin, each_digit: true,
        valid: &["US0378|331005", "USBSL9|3PDM18", "US9O4M|6XP4L1"],
        invalid: &["ZZ0378|331001", "U10378|331009", "US0378|331006", "ZZ0378|331005",
            "U10378|331005", "US037|833100"],
    },
    Example {
        check: Check::Lei, each_digit: true,
        valid: &["5493001KJT|IIGC8Y1R12", "H21529K35G|B4Q4B67J65", "QHRGTUSJL0|32MJD6VV24"],
        invalid: &["5493001KJT|IIGC8Y1R13", "5493001KJT|IIGC8Y1RAA", "5493001KJ|TIIGC8Y1R1"],
    },
    Example {
        check: Check::Cusip, each_digit: true,
        valid: &["0378|33100", "U384|21ZK9", "C0A9|*B038"],
        invalid: &["0378|33101", "0000|00000", "0378|3310A", "0378|3310"],
    },
    Example {
        check: Check::Bitcoin, each_digit: true,
        valid: &["1A1zP1eP5QGefi2DM|PTfTL5SLmv7DivfNa",
            "bc1qw508d6qejxtdg4y5r|3zarvary0c5xw7kv8f3t4",
            "bc1p0xlxvlhemja6c4dqv22uapctqup|fhlxm9h8z3k2e72q4k9hcz7vqzk5jj0", "TB1PJ4K|Q64DNL4",
            "bc1pruzutnj5jg0ms8ypkf48rnt9t0cts9eym|p7e06xyw74z4km83yf8yjmu20vva7hsz4mmew"],
        invalid: &["bc1qqypqxpq9qcrsszg2p|vxq6rs0zqg3yyc5uyze8n",
            "bc1pqypqxpq9qcrsszg2pvxq6rs0zqg|3yyc5z5tpwxqergd3c8g7rusqm2l7p3",
            "bc1qqypqxpq9qcrsszg2pv|xq6rs0zqg3yyc5z53mkjx4",
            "bc1pqypqxpq9qcrsszg2pvxq6rs0zqg3yyc5z5|tpwxqergd3c8g7ruszzg3rysjjvfeg9\
             yfzvla3", "bc13qypqxpq9qcrsszg2pvxq6rs0zqg|3yyc5z5tpwxqergd3c8g7rusqjz4s3l",
            "bd1qqypqxpq9qcrsszg2p|vxq6rs0zqg3yyc52nxt3l", "bc1pqy|str2wj",
            "1A1zP1eP5QGefi2DM|PTfTL5SLmv7DivfNb", "1a1zP1eP5QGefi2DM|PTfTL5SLmv7DivfNa",
            "bc1qw508d6qejxtdg4y5r|3zarvary0c5xw7kv8f3t5",
            "bc1QW508d6qejxtdg4y5r|3zarvary0c5xw7kv8f3t4",
            "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw|508d6qejxtdg4y5r3zarvary0c5xw7k7grplx",
            "BC1SW50|QA3JX3S", "bc1zw508d6qejxtdg4|y5r3zarvaryvg6kdaj", "", "b|c1", "1"],
    },
    Example {
        check: Check::Litecoin, each_digit: true,
        valid: &["ltc1qantjd25atsaqz2sz0s49mer2dh|vystc4xyl07drkh7lpvtnujfsqgkc4p3",
            "ltc1sv5xgcv22ncwcupv2u7xq80cr9y|sx5q9c6cs9xty4wftslpqrryrq604mjr"],
        invalid: &["LbTjMGN7gELw4Kbey|Qf6cTCq859hD18guF",
            "bc1qw508d6qejxtdg4y5r|3zarvary0c5xw7kv8f3t4",
            "ltc1qw508d6qejxtdg4y5|r3zarvary0c5xw7kv8f3t4"],
    },
    Example {
        check: Check::Dogecoin, each_digit: true,
        valid: &["DBXu2kgc3xtvCUWFc|xFE3r9hEYgmuaaCyD", "AET3gwiY9TM63qhSh|AxuAiZNB8FnjW6jkc",
            "A6DZuDMRepTVtVWX1|PQpg23UtLPThb4XaR"],
        invalid: &["DBXu2kgc3xtvCUWFc|xFE3r9hEYgmuaaCyE", "1A1zP1eP5QGefi2DM|PTfTL5SLmv7DivfNa"],
    },
    Example {
        check: Check::Tron, each_digit: true,
        valid: &["TR7NHqjeKQxGTCi8q|8ZY4pL8otSzgjLj6t", "TE8H1qdhcyjGXkoYd|ukzDuXHdftJrnCQ54",
            "TQrFCcwdmNXVTcBxG|9w9WWEiXKpDKKpSBA"],
        invalid: &["TR7NHqjeKQxGTCi8q|8ZY4pL8otSzgjLj6u", "1A1zP1eP5QGefi2DM|PTfTL5SLmv7DivfNa"],
    },
    Example {
        check: Check::Ripple, each_digit: true,
        valid: &["rHb9CJAWyB4rj91VR|Wn96DkukG4bwdtyTh", "rfb1TfZGVvFfdEvjh|LmFhNUz1uhjeNTBFs",
            "rPHnphp1WrGxcS2hd|w8pEKJ3b6unCspWkk"],
        invalid: &["sr8MrWuoA4Dzoc4xP|PW94QWJNtAWFjCcLj", "rHb9CJAWyB4rj91VR|Wn96DkukG4bwdtyTi",
            "1A1zP1eP5QGefi2DM|PTfTL5SLmv7DivfNa"],
    },
    Example {
        check: Check::Ethereum, each_digit: false,
        valid: &["0x52908400098527886E0|F7030069857D2E4169EE7",
            "0xde709f2102306220921|060314715629080e2fb77",
            "0x8CFDD83F9B0CE70592A|69F9E67E5EE1ABB346F98",
            "0x87571adb36b28b3f920|5a7c037e97348d2a040c3"],
        invalid: &["0x0000000000000000000|000000000000000000000",
            "52908400098527886E0F|7030069857D2E4169EE7",
            "0x52908400098527886E|0F7030069857D2E4169EE",
            "0x52908400098527886E0|F7030069857D2E4169EEG",
            "0x52908400098527886E0|F7030069857D2E4169EE70"],
    },
    Example {
        check: Check::Solana, each_digit: false,
        valid: &["5HY3hU1Ka4JxdNFXkCqzpY|giFCM9FtDhdemaiq5XHJzA",
            "BA63Edtzp2kAsn1cPpv67P|65XbGo2dWoArt4TKvA8qvq"],
        invalid: &["1111111111111111|1111111111111111", "O111111111111111|1111111111111111",
            "4Nd1mBQtrMJVYVfKf2PJy|9NZUZdTAsp7D4xWLs4gDB"],
    },
    Example {
        check: Check::Monero, each_digit: false,
        valid: &[
            "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft|3XjrpDtQGv7SqSsaBYBb98\
             uNbr2VBBEt7f2wfn3RVGQBEP3A",
            "47zya8VPMo9EpPGVCZ7m24B1jbERdY9uLRcDwp7VTe7fAoJ|HD98hwT716EqczXbFv6cVd\
             xVGGhWANCLSKpMs1kcEKSvVei8",
            "477dPp8edRQUPowVaRspxeCXb7WYVUn9pBhjQjb8ZPorDdC|hWSBY9SWWn1tJiGAX4bGcf\
             zB7AqkaoDLbwuqvsG4ZHyXH9YW"],
        invalid: &[
            "44AFFq5kSiGzzzzzzzzzzzN18obc8AemS33DBLWs3H7otXf|t3XjrpDtQGv7SqSsaBYBb9\
             8uNbr2VBBEt7f2wfn3RVGQBEP3",
            "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft|3XjrpDtQGv7SqSsaBYBb98\
             uNbr2VBBEt7f2wfn3RVzzzzzzz",
            "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft|3XjrpDtQGv7SqSsaBYBb98\
             uNbr2VBBEt7f2wfn3RVGQBEP3",
            "34AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft|3XjrpDtQGv7SqSsaBYBb98\
             uNbr2VBBEt7f2wfn3RVGQBEP3A"],
    },
    Example {
        check: Check::Cardano, each_digit: true,
        valid: &["addr1vx2fxv2umyhttkxyxp8x0dlp|dt3k6cwng5pxj3jhsydzers66hrl8",
            "addr1qyqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8|qarc0jqgfzyvjz2f38\
             9q5j52ev95hz7vp3xgengdfkxuuqkw3fcp",
            "addr_test1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydp|k8qarc0jqgfzyvj\
             z2f389q5j52ev95hz7vp3xgengdfkxuuq4cvf57",
            "stake_test1uqqsyqcyq5rqwzqfpg9sc|rgwpugpzysnzs23v9ccrydpk8qxv6kln",
            "addr1gyqsyqcyq5rqwzqfpg9scrgwpu|gpzysnzs23v9ccrydpk8qarc0s4czgz6",
            "stake17xu5jk7fdm8zrmg4yqx567j|sz7upzllvh98ex87qy7wrmggtg0fgg",
            "stake17yzcyf90fjlp9nlnt79vg6u|u4wu8c7ewdj6g9fhqhgupd2chek7js"],
        invalid: &[
            "addr1qyqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8|qarc0jqgfzyvjz2f38\
             9q5j52ev95hz7vp3xgengdfkxuuqrjp9ar",
            "addr1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8|qarc0jqgfzyvjz2f38\
             9q5j52ev95hz7vp3xgengdfkxuuq8ccw2u",
            "addr_test1qyqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydp|k8qarc0jqgfzyvj\
             z2f389q5j52ev95hz7vp3xgengdfkxuuqyw9wxr",
            "addr1qyqsyqcyq5rqwzqfpg9scrgw|pugpzysnzs23v9ccrydpk8qz42jwu",
            "addr1vyqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8|qarc0jqgfzyvjz2f38\
             9q5j52ev95hz7vp3xgengdfkxuuqa94pwz",
            "addr1uyqsyqcyq5rqwzqfpg9scrgw|pugpzysnzs23v9ccrydpk8q87xjmu",
            "stake1vyqsyqcyq5rqwzqfpg9scrg|wpugpzysnzs23v9ccrydpk8qm5x58w",
            "adda1qyqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8|qarc0jqgfzyvjz2f38\
             9q5j52ev95hz7vp3xgengdfkxuuqr506g2",
            "stake1uyqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8|qarc0jqgfzyvjz2f3\
             89q5j52ev95hz7vp3xgengdfkxuuqmprxue",
            "addr1vx2fxv2umyhttkxyxp8x0dlp|dt3k6cwng5pxj3jhsydzers66hrl9",
            "addr1vx2fxv2umyhttkxyxp8x0dlp|dt3k6cwng5pxj3jhsydzers66hrlv8",
            "stake1vpu5vlrf4xkxv2qpwngf6cj|htw542ayty80v8dyr49rf5eg0yu80w"],
    },
    Example {
        check: Check::BitcoinKey, each_digit: true,
        valid: &["5HueCGU8rMjxEXxiPuD5BDku4|MkFqeZyd4dZ1jvhTVqvbTLvyTJ",
            "L1hBxpRpMusihjrgSMbBwd1GJt|n9u9MGLEfMAUKugFMx7PHXuTYb",
            "KyhoTB81p4fQvxiCYkiWduLvk8|7M3hjacA6NNcKu96rKQh8iSdxd"],
        invalid: &["KwFfpDsaF7yxCELuyrH9gP5XL7|TAt5b9HPWC1xCQbmrxvhUSDecD",
            "2xBvQb4QFBzCDcRdyuGzPDcWS|MvDDisfMUnXeRnNJFdWqBBmK7",
            "9cbCj7L1bdVSWfMkE9jaH4fiv|wKrw9pcHPdxGCPF19aAf4Ftmko",
            "5HueCGU8rMjxEXxiPuD5BDku4|MkFqeZyd4dZ1jvhTVqvbTLvyTK",
            "1A1zP1eP5QGefi2DM|PTfTL5SLmv7DivfNa"],
    },
    Example {
        check: Check::ExtendedKey, each_digit: true,
        valid: &[
            "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jP|PqjiChkVvvNKmP\
             GJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi",
            "xprvBB1tzNRo4nidj3586GMXLFRZScqrR88hR31KAxbfMR3FvrU1cP2|Ye9MLsyAGwxjWg\
             qabiCBsbB2TvvJ9fDfrbyRPsKoCjQwi2bPaw2VRF2w",
            "zprvFuGAVBAjUuy5ySvbRSaKobJHriYRsq2Jz6Ed4A1xyGAdD6KctTo|pXFEvNZ4B2ZmMN\
             F6TogSkJA6BsnUDuAVPeZiocLyzyMtL8zjtNkurZ6p"],
        invalid: &[
            "xpub661MyMwAqRbcEYS8w7XLSVeEsBXy79zSzH1J8vCdxAZningWLdN|3zgtU6LBpB85b3\
             D2yc8sfvZU521AAwdZafEz7mnzBBsz4wKY5e4cp9LB",
            "xprvJAj8E8ru2qFGTLyGpzS7PdND7aVxU6MFyFLgGFbVSuBueSvyRx8|p1aiiZNsFANJ5A\
             6AJBLyhfGa5R6SmtKg18uShxEKTAaE9XZ3FQtZD7mh",
            "xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGh|ePY2gZ29ESFjqJ\
             oCu1Rupje8YtGqsefD265TMg7usUDFdp6W1EGMcet8",
            "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jP|PqjiChkVvvNKmP\
             GJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHj"],
    },
];
